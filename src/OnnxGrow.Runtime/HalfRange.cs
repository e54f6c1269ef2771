using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Runtime;

/// <summary>
/// Values inside a float16 model that overflow. The processor's provider computes float16 nodes in float32 and rounds only what
/// leaves the graph, so that a model which is infinite on other devices passes there; made outputs, the values inside are
/// rounded too.
/// </summary>
internal static class HalfRange
{
    /// <summary>A value of the grown model that overflows where none of the source does on the same case, in words; null where there is none.</summary>
    /// <param name="source">The source; it is not changed.</param>
    /// <param name="grown">The grown model; it is not changed.</param>
    /// <param name="cases">The inputs of the source.</param>
    /// <param name="mapped">How inputs correspond; null where they are the same.</param>
    /// <param name="options">How to run them.</param>
    public static string? Difference(OnnxModel source, OnnxModel grown, IReadOnlyList<InputCase> cases, GrownInterface? mapped, OrtSessionOptions options)
    {
        if (!HoldsHalf(source) || options.Provider != "cpu")
        {
            return null;
        }

        using OnnxModel openSource = Opened(source);
        using OnnxModel openGrown = Opened(grown);
        using var left = new OrtSession(openSource, options);
        using var right = new OrtSession(openGrown, options);
        foreach (InputCase each in cases)
        {
            string[] before = Infinite(left.Run(each.Inputs));
            string[] after = Infinite(right.Run(mapped?.Inputs(each.Inputs) ?? each.Inputs));
            if (after.FirstOrDefault(_ => before.Length == 0) is { } name)
            {
                return $"{each.Name}: the value '{Text.Name(name)}' inside the grown model is beyond float16 (65504), and none of the source's is";
            }
        }

        return null;
    }

    private static bool HoldsHalf(OnnxModel model) =>
        model.Proto.Graph.Initializer.Any(t => t.DataType == (int)ElementType.Float16)
        || model.Proto.Graph.Input.Any(i => i.Type?.TensorType?.ElemType == (int)ElementType.Float16);

    private static OnnxModel Opened(OnnxModel model)
    {
        OnnxModel open = model.Clone();
        GraphProto graph = open.Proto.Graph;
        var present = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        graph.Output.Add(graph.Node
            .Where(n => n.OpType is not ("Constant" or "Shape" or "SplitToSequence" or "SequenceConstruct"))
            .SelectMany(n => n.Output).Where(n => n.Length > 0 && present.Add(n)).Select(n => new ValueInfoProto { Name = n }));
        return open;
    }

    private static string[] Infinite(IReadOnlyDictionary<string, RuntimeTensor> values) =>
        [.. values.Where(v => v.Value.ElementType == ElementType.Float16 && v.Value.ToDoubles().Any(double.IsInfinity)).Select(v => v.Key)];
}
