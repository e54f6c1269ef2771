using System.Globalization;
using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>Names of values where one graph is written into another.</summary>
internal static class Naming
{
    /// <summary>The names that a graph has given away; nodes that go leave theirs.</summary>
    public static HashSet<string> Taken(GraphProto graph, Func<NodeProto, bool>? leaveNameOf = null) =>
        [.. graph.Node.SelectMany(n => leaveNameOf?.Invoke(n) == true ? n.Output : n.Output.Append(n.Name)), .. graph.Initializer.Select(t => t.Name), .. graph.Input.Select(i => i.Name)];

    /// <summary>A name, numbered where it is taken; it is taken afterwards.</summary>
    public static string Unique(string name, HashSet<string> names)
    {
        string unique = name;
        for (int i = 2; !names.Add(unique); i++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return unique;
    }

    /// <summary>Renames what a node reads and gives, and what its subgraphs see of the values around them.</summary>
    public static void Rename(NodeProto node, Dictionary<string, string> renamed)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = renamed.GetValueOrDefault(node.Input[i], node.Input[i]);
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            node.Output[i] = renamed.GetValueOrDefault(node.Output[i], node.Output[i]);
        }

        foreach (GraphProto inner in node.Attribute.Select(a => a.G).Where(g => g is not null))
        {
            HashSet<string> own = [.. inner.Input.Select(i => i.Name), .. inner.Initializer.Select(t => t.Name), .. inner.Node.SelectMany(n => n.Output)];
            var outer = renamed.Where(r => !own.Contains(r.Key)).ToDictionary(StringComparer.Ordinal);
            foreach (NodeProto each in inner.Node)
            {
                Rename(each, outer);
            }

            foreach (ValueInfoProto output in inner.Output)
            {
                output.Name = outer.GetValueOrDefault(output.Name, output.Name);
            }
        }
    }

    /// <summary>The values that a graph or one inside it reads or hands out.</summary>
    public static HashSet<string> Read(GraphProto graph)
    {
        var names = new HashSet<string>(graph.Output.Select(o => o.Name), StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            names.UnionWith(node.Input);
            foreach (GraphProto inner in node.Attribute.Select(a => a.G).Where(g => g is not null))
            {
                names.UnionWith(Read(inner));
            }
        }

        return names;
    }
}
