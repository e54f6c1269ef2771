using Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Takes out nodes and constants that no output needs.</summary>
internal static class Pruning
{
    public static void Run(ModelProto model)
    {
        GraphProto graph = model.Graph;
        var needed = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        foreach (NodeProto node in graph.Node.Reverse())
        {
            if (node.Output.Any(needed.Contains))
            {
                kept.Add(node);
                Need(node, needed);
            }
        }

        kept.Reverse();
        graph.Node.Clear();
        graph.Node.AddRange(kept);
        TensorProto[] tensors = [.. graph.Initializer.Where(t => needed.Contains(t.Name))];
        graph.Initializer.Clear();
        graph.Initializer.AddRange(tensors);
    }

    private static void Need(NodeProto node, HashSet<string> needed)
    {
        needed.UnionWith(node.Input);
        foreach (NodeProto inner in node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Node))
        {
            Need(inner, needed);
        }

        needed.UnionWith(node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Output).Select(o => o.Name));
    }
}
