using Onnx;

namespace OnnxGrow.Analysis;

/// <summary>Names that a node's subgraphs take from the graphs around them.</summary>
internal static class CapturedNames
{
    public static IReadOnlyCollection<string> Of(NodeProto node)
    {
        HashSet<string>? names = null;
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.G is { } graph)
            {
                Collect(graph, names ??= new HashSet<string>(StringComparer.Ordinal));
            }

            foreach (GraphProto inner in attribute.Graphs)
            {
                Collect(inner, names ??= new HashSet<string>(StringComparer.Ordinal));
            }
        }

        return names is null ? [] : names;
    }

    // A name that the subgraph defines itself may also exist outside: taking it for captured only freezes more.
    private static void Collect(GraphProto graph, HashSet<string> names)
    {
        foreach (NodeProto node in graph.Node)
        {
            names.UnionWith(node.Input);
            names.UnionWith(Of(node));
        }

        names.UnionWith(graph.Output.Select(o => o.Name));
    }
}
