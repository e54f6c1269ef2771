using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Tests.Explain;

/// <summary>Graphs small enough to tell every chain by hand.</summary>
internal static class SmallGraphs
{
    /// <summary>h = x E; y = (h + norm(h) W) U, with a square W: both of its axes are the residual width.</summary>
    public static OnnxModel Residual(string? between = null)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        string h = g.Node("MatMul", [x, g.Weight("E", 1, 0, 4, 8)]);
        string normed = g.Node("LayerNormalization", [h, g.Weight("gain", 1, 0, 8), g.Weight("bias", 1, 0, 8)], ("axis", -1));
        string block = g.Node("MatMul", [between is null ? normed : g.Node(between, [normed]), g.Weight("W", 1, 0, 8, 8)]);
        string sum = g.Node("Add", [h, block]);
        g.Output(g.Node("MatMul", [sum, g.Weight("U", 1, 0, 8, 3)]), "y", ElementType.Float32, "batch", 3);
        return OnnxModel.FromProto(g.Finish());
    }
}
