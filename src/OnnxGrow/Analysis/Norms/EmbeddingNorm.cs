using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Operators;

namespace OnnxGrow.Analysis.Norms;

/// <summary>
/// The flow through ONNX Runtime's EmbedLayerNormalization: rows of tables for tokens, positions and segments are looked up,
/// added and normalised.
/// </summary>
internal static class EmbeddingNorm
{
    public static bool Is(Node node) => node.Proto is { Domain: "com.microsoft", OpType: "EmbedLayerNormalization" };

    /// <summary>The axes of the sum that is normalised.</summary>
    public static Axis[]? Sum(Node node, Flow flow)
    {
        if (node.Input(0)?.Axes is not { } ids)
        {
            return null;
        }

        Axis width = Axis.One;
        foreach ((int table, int index) in new[] { (2, 0), (3, 8), (4, 1) })
        {
            if (node.Input(table) is not { Axes: [{ } rows, { } own] } value)
            {
                continue;
            }

            width = Broadcasting.Merge([width, own], node, flow);
            flow.Freeze(rows, node, $"{node.Display} looks entries up along it", FreezeKind.Lookup);
            flow.Lookups.Add(new Lookup(rows, node, index, value));
        }

        flow.Inside.Add(width);
        if (node.Output(1) is { } mask)
        {
            Flow.Set(mask, ids[0]);
        }

        if (node.Output(2) is { } sum)
        {
            Flow.Set(sum, [.. ids, width]);
        }

        return [.. ids, width];
    }
}
