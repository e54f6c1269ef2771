using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>Names of values where one graph is written into another.</summary>
internal static class Naming
{
    /// <summary>The names that a graph has given away; nodes that go leave theirs.</summary>
    public static HashSet<string> Taken(GraphProto graph, Func<NodeProto, bool>? leaveNameOf = null) =>
        [.. graph.Node.SelectMany(n => leaveNameOf?.Invoke(n) == true ? n.Output : n.Output.Append(n.Name)), .. graph.Initializer.Select(t => t.Name), .. graph.Input.Select(i => i.Name)];

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
            RenameCaptured(inner, renamed);
        }
    }

    /// <summary>Renames what a subgraph sees of the values around it; names that it gives itself hide theirs.</summary>
    public static void RenameCaptured(GraphProto graph, Dictionary<string, string> renamed)
    {
        HashSet<string> own = [.. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(t => t.Name), .. graph.Node.SelectMany(n => n.Output)];
        Dictionary<string, string> outer = own.Any(renamed.ContainsKey)
            ? renamed.Where(r => !own.Contains(r.Key)).ToDictionary(StringComparer.Ordinal)
            : renamed;
        foreach (NodeProto node in graph.Node)
        {
            Rename(node, outer);
        }

        foreach (ValueInfoProto output in graph.Output)
        {
            output.Name = outer.GetValueOrDefault(output.Name, output.Name);
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
