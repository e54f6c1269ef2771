using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Ligo;

/// <summary>Computes values of a graph that depend on none of its inputs.</summary>
internal static class ConstantPart
{
    /// <summary>The values.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="names">Values that follow from its initializers alone.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyDictionary<string, RuntimeTensor> Of(OnnxModel model, IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        using OnnxModel part = model.Clone();
        GraphProto graph = part.Proto.Graph;
        HashSet<string> needed = [.. names];
        NodeProto[] nodes = [.. Enumerable.Reverse(graph.Node).Where(n => Needs(n, needed)).Reverse()];
        TensorProto[] tensors = [.. graph.Initializer.Where(t => needed.Contains(t.Name))];
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        graph.Initializer.Clear();
        graph.Initializer.AddRange(tensors);
        graph.Input.Clear();
        graph.Output.Clear();
        graph.Output.AddRange(names.Select(n => new ValueInfoProto { Name = n }));

        // Nothing is gained by computing it all while the session is made and once more when it runs.
        using var session = new OrtSession(part, new OrtSessionOptions { Optimization = GraphOptimization.None, Cancellation = cancellation });
        return session.Run(new Dictionary<string, RuntimeTensor>());
    }

    private static bool Needs(NodeProto node, HashSet<string> needed)
    {
        if (!node.Output.Any(needed.Contains))
        {
            return false;
        }

        needed.UnionWith(node.Input);
        return true;
    }
}
