using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;

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
        graph.Input.Clear();
        graph.Output.Clear();
        graph.Output.AddRange(names.Select(n => new ValueInfoProto { Name = n }));
        Pruning.Run(part.Proto);

        // Nothing is gained by computing it all while the session is made and once more when it runs.
        using var session = new OrtSession(part, new OrtSessionOptions { Optimization = GraphOptimization.None, Cancellation = cancellation });
        return session.Run(new Dictionary<string, RuntimeTensor>());
    }
}
