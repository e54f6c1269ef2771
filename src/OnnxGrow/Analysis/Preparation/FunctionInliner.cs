using Google.Protobuf.Collections;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// Replaces calls of a model's own functions by their bodies, as every runtime does before it runs them: dimensions flow
/// through bodies with the caller's weights and attributes, and a weight that one call takes may grow otherwise than
/// another's.
/// </summary>
internal static class FunctionInliner
{
    /// <exception cref="BadInputException">A function calls itself, or unfolds to more than the limits allow.</exception>
    public static void Run(ModelProto model, ReadLimits limits)
    {
        var functions = new Dictionary<(string, string, string), FunctionProto>();
        HashSet<string> imported = [.. model.OpsetImport.Select(i => i.Domain)];
        foreach (FunctionProto function in model.Functions)
        {
            if (!functions.TryAdd((function.Domain, function.Name, function.Overload), function))
            {
                throw new BadInputException(ErrorCode.Graph, $"the function '{Text.Name(function.Name)}' is defined twice; functions must be unique in a model");
            }

            // Operator sets that only a function has imported become the model's.
            model.OpsetImport.AddRange(function.OpsetImport.Where(i => imported.Add(i.Domain)).Select(i => i.Clone()));
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
        var inliner = new Unfolder(functions, names, limits);
        var nodes = new List<NodeProto>();
        foreach (NodeProto node in model.Graph.Node)
        {
            inliner.Append(node, nodes, 0);
        }

        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        model.Functions.Clear();
    }

    private sealed class Unfolder(Dictionary<(string, string, string), FunctionProto> functions, HashSet<string> names, ReadLimits limits)
    {
        private int _calls;
        private long _bytes;

        public void Append(NodeProto node, List<NodeProto> nodes, int depth)
        {
            if (!functions.TryGetValue((node.Domain, node.OpType, node.Overload), out FunctionProto? function))
            {
                nodes.Add(node);
                return;
            }

            if (depth >= limits.MaxCalls)
            {
                throw new BadInputException(
                    ErrorCode.Graph, $"function '{Text.Name(function.Name)}', called by '{Text.Name(node.Name)}', unfolds without end; a function must not call itself (if it does not, and only lies deeper than {limits.MaxCalls} calls, {ReadLimits.Raise("calls")})");
            }

            string prefix = Prefix(node);
            var renamed = new Dictionary<string, string>(StringComparer.Ordinal) { [""] = "" };
            Bind(function.Input, node.Input, renamed);
            Bind(function.Output, node.Output, renamed);
            var given = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
            foreach (AttributeProto attribute in node.Attribute.Concat(function.AttributeProto))
            {
                given.TryAdd(attribute.Name, attribute);
            }

            foreach (NodeProto inner in function.Node)
            {
                NodeProto copy = inner.Clone();
                Rename(copy, renamed, prefix);
                Fill(copy.Attribute, given);
                Count(copy, nodes.Count, function);
                Append(copy, nodes, depth + 1);
            }
        }

        // A few functions that call one another twice are a million calls; a body with a long list is copied by every call.
        private void Count(NodeProto copy, int nodes, FunctionProto function)
        {
            _bytes += copy.CalculateSize();
            if (_bytes > limits.MaxGraphBytes)
            {
                throw new BadInputException(
                    ErrorCode.Graph, $"function '{Text.Name(function.Name)}': the model's functions unfold to more than {Text.Bytes(limits.MaxGraphBytes)}; {ReadLimits.Raise("graph-bytes")}");
            }

            if (Math.Max(nodes, _calls) >= limits.MaxUnfolded)
            {
                throw new BadInputException(
                    ErrorCode.Graph, $"function '{Text.Name(function.Name)}': the model's functions unfold to more than {Text.Number(limits.MaxUnfolded)} nodes or calls; {ReadLimits.Raise("unfolded")}");
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
                    renamed[name] = own = Text.Unique(prefix + name, names);
                }

                node.Output[i] = own;
            }

            node.Name = node.Name.Length == 0 ? "" : Text.Unique(prefix + node.Name, names);
            foreach (AttributeProto attribute in node.Attribute)
            {
                if (attribute.G is { } graph)
                {
                    Naming.RenameCaptured(graph, renamed);
                }
            }
        }

        /// <summary>Attributes that refer to the function's take the caller's value, or the function's default; or are left out.</summary>
        private static void Fill(RepeatedField<AttributeProto> attributes, Dictionary<string, AttributeProto> values)
        {
            for (int i = attributes.Count - 1; i >= 0; i--)
            {
                AttributeProto attribute = attributes[i];
                if (attribute.RefAttrName.Length == 0)
                {
                    continue;
                }

                attributes.RemoveAt(i);
                if (values.TryGetValue(attribute.RefAttrName, out AttributeProto? given))
                {
                    AttributeProto filled = given.Clone();
                    filled.Name = attribute.Name;
                    attributes.Insert(i, filled);
                }
            }
        }
    }
}
