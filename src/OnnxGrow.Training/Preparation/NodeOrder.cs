using Onnx;
using OnnxGrow.Analysis;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// Puts nodes into the order in which they are computed. Files of some optimizers have another, which runtimes accept; what walks over
/// the nodes (gradients, which weights the loss depends on) relies on it.
/// </summary>
internal static class NodeOrder
{
    /// <summary>Sorts a graph and the graphs inside it; nodes that are in order already stay where they are.</summary>
    /// <exception cref="BadInputException">The nodes use one another's results in a circle.</exception>
    public static void Sort(GraphProto graph)
    {
        NodeProto[] nodes = [.. TopologicalOrder.Of(graph).Select(i => graph.Node[i])];
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        foreach (GraphProto inner in nodes.SelectMany(n => n.Attribute).Where(a => a.G is not null).Select(a => a.G))
        {
            Sort(inner);
        }
    }
}
