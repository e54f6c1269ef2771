using Google.Protobuf.Collections;
using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// Replaces calls of a model's own functions by their bodies, as every runtime does before it runs them: dimensions flow
/// through bodies with the caller's weights and attributes, and a weight that one call takes may grow otherwise than
/// another's.
/// </summary>
internal static class FunctionInliner
{
    /// <summary>Calls inside calls deeper than this are taken for a function that calls itself.</summary>
    public const int MaxDepth = 32;

    /// <summary>Bodies are not unfolded to more nodes than this.</summary>
    public const int MaxNodes = 1_000_000;

    /// <exception cref="BadInputException">A function calls itself, or unfolds without end.</exception>
    public static void Run(ModelProto model)
    {
        var functions = new Dictionary<(string, string), FunctionProto>();
        foreach (FunctionProto function in model.Functions)
        {
            functions[(function.Domain, function.Name)] = function;
            Import(model, function);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeProto node in model.Graph.Node)
        {
            names.UnionWith(node.Output);
            names.UnionWith(node.Input);
            names.Add(node.Name);
        }

        names.UnionWith(model.Graph.Initializer.Select(t => t.Name));
        names.UnionWith(model.Graph.Input.Select(i => i.Name));
        var inliner = new Unfolder(functions, names);
        var nodes = new List<NodeProto>();
        foreach (NodeProto node in model.Graph.Node)
        {
            inliner.Append(node, nodes, 0);
        }

        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        model.Functions.Clear();
    }

    /// <summary>Operator sets that only a function has imported become the model's.</summary>
    private static void Import(ModelProto model, FunctionProto function)
    {
        foreach (OperatorSetIdProto import in function.OpsetImport)
        {
            if (model.OpsetImport.All(i => i.Domain != import.Domain))
            {
                model.OpsetImport.Add(import.Clone());
            }
        }
    }

    private sealed class Unfolder(Dictionary<(string, string), FunctionProto> functions, HashSet<string> names)
    {
        private int _calls;

        public void Append(NodeProto node, List<NodeProto> nodes, int depth)
        {
            if (!functions.TryGetValue((node.Domain, node.OpType), out FunctionProto? function))
            {
                nodes.Add(node);
                return;
            }

            if (depth >= MaxDepth || nodes.Count > MaxNodes)
            {
                throw new BadInputException(
                    $"function '{Text.Name(function.Name)}', called by '{Text.Name(node.Name)}', unfolds without end; a function must not call itself");
            }

            string prefix = Prefix(node);
            var renamed = new Dictionary<string, string>(StringComparer.Ordinal) { [""] = "" };
            Bind(function.Input, node.Input, renamed);
            Bind(function.Output, node.Output, renamed);
            foreach (NodeProto inner in function.Node)
            {
                NodeProto copy = inner.Clone();
                Rename(copy, renamed, prefix);
                Fill(copy.Attribute, node, function);
                Append(copy, nodes, depth + 1);
            }
        }

        private string Prefix(NodeProto node)
        {
            string name = node.Name.Length > 0 ? node.Name : node.OpType;
            return FormattableString.Invariant($"{name}/{_calls++}/");
        }

        private static void Bind(RepeatedField<string> formal, RepeatedField<string> actual, Dictionary<string, string> renamed)
        {
            for (int i = 0; i < formal.Count; i++)
            {
                if (i < actual.Count && actual[i].Length > 0)
                {
                    renamed[formal[i]] = actual[i];
                }
                else
                {
                    renamed.TryAdd(formal[i], "");
                }
            }
        }

        private void Rename(NodeProto node, Dictionary<string, string> renamed, string prefix)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = renamed.GetValueOrDefault(node.Input[i], node.Input[i]);
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                string name = node.Output[i];
                if (!renamed.TryGetValue(name, out string? own) || (own.Length == 0 && name.Length > 0))
                {
                    renamed[name] = own = Unique(prefix + name);
                }

                node.Output[i] = own;
            }

            node.Name = node.Name.Length == 0 ? "" : Unique(prefix + node.Name);
            foreach (AttributeProto attribute in node.Attribute)
            {
                if (attribute.G is { } graph)
                {
                    RenameCaptured(graph, renamed);
                }
            }
        }

        /// <summary>Subgraphs of a body see the body's values.</summary>
        private static void RenameCaptured(GraphProto graph, Dictionary<string, string> renamed)
        {
            HashSet<string> own = [.. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(t => t.Name), .. graph.Node.SelectMany(n => n.Output)];
            foreach (NodeProto node in graph.Node)
            {
                for (int i = 0; i < node.Input.Count; i++)
                {
                    if (!own.Contains(node.Input[i]) && renamed.TryGetValue(node.Input[i], out string? name))
                    {
                        node.Input[i] = name;
                    }
                }

                foreach (AttributeProto attribute in node.Attribute.Where(a => a.G is not null))
                {
                    RenameCaptured(attribute.G, renamed);
                }
            }
        }

        /// <summary>Attributes that refer to the function's take the caller's value, or the function's default; or are left out.</summary>
        private static void Fill(RepeatedField<AttributeProto> attributes, NodeProto call, FunctionProto function)
        {
            for (int i = attributes.Count - 1; i >= 0; i--)
            {
                AttributeProto attribute = attributes[i];
                if (attribute.RefAttrName.Length == 0)
                {
                    continue;
                }

                AttributeProto? given = call.Attribute.FirstOrDefault(a => a.Name == attribute.RefAttrName)
                    ?? function.AttributeProto.FirstOrDefault(a => a.Name == attribute.RefAttrName);
                attributes.RemoveAt(i);
                if (given is not null)
                {
                    AttributeProto filled = given.Clone();
                    filled.Name = attribute.Name;
                    attributes.Insert(i, filled);
                }
            }
        }

        private string Unique(string name)
        {
            string unique = name;
            for (int i = 2; !names.Add(unique); i++)
            {
                unique = FormattableString.Invariant($"{name}_{i}");
            }

            return unique;
        }
    }
}
