using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

public class NormFinderTests
{
    private static NormInstance Only(Func<GraphBuilder, string, string> write)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Node("MatMul", [g.Input("x", ElementType.Float32, "batch", 4), g.Weight("in", 1, 0, 4, 6)]);
        string y = g.Node("MatMul", [write(g, x), g.Weight("out", 1, 0, 6, 2)]);
        g.Output(y, "y", ElementType.Float32, "batch", 2);
        var graph = new Graph(OnnxModel.FromProto(g.Finish()));
        return Assert.Single(NormFinder.Find(graph));
    }

    private static string Mean(GraphBuilder g, string x) => g.Node("ReduceMean", [x], ("axes", new long[] { -1 }), ("keepdims", 1));

    private static string Number(GraphBuilder g, float value) => g.Floats("number", [], value);

    [Fact]
    public void Pytorch_style()
    {
        NormInstance norm = Only((g, x) =>
        {
            string d = g.Node("Sub", [x, Mean(g, x)]);
            string v = Mean(g, g.Node("Pow", [d, Number(g, 2)]));
            string n = g.Node("Div", [d, g.Node("Sqrt", [g.Node("Add", [v, Number(g, 1e-5f)])])]);
            return g.Node("Add", [g.Node("Mul", [n, g.Weight("gain", 1, 0, 6)]), g.Weight("bias", 1, 0, 6)]);
        });
        Assert.Equal(NormKind.LayerNorm, norm.Kind);
        Assert.Equal(1e-5f, norm.Epsilon!.Value);
        Assert.NotNull(norm.Gain);
        Assert.NotNull(norm.Bias);
        Assert.Equal(9, norm.Nodes.Count);
    }

    [Fact]
    public void Tensorflow_style_where_the_mean_is_subtracted_after_scaling()
    {
        NormInstance norm = Only((g, x) =>
        {
            string mean = Mean(g, x);
            string d = g.Node("Sub", [x, mean]);
            string v = Mean(g, g.Node("Mul", [d, d]));
            string r = g.Node("Reciprocal", [g.Node("Sqrt", [g.Node("Add", [v, Number(g, 1e-3f)])])]);
            string scale = g.Node("Mul", [r, g.Weight("gain", 1, 0, 6)]);
            string shift = g.Node("Sub", [g.Weight("bias", 1, 0, 6), g.Node("Mul", [mean, scale])]);
            return g.Node("Add", [g.Node("Mul", [x, scale]), shift]);
        });
        Assert.Equal(NormKind.LayerNorm, norm.Kind);
        Assert.StartsWith("gain", norm.Gain!.Name, StringComparison.Ordinal);
        Assert.StartsWith("bias", norm.Bias!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Variance_as_mean_of_squares_less_square_of_mean()
    {
        NormInstance norm = Only((g, x) =>
        {
            string mean = Mean(g, x);
            string square = Mean(g, g.Node("Mul", [x, x]));
            string v = g.Node("Sub", [square, g.Node("Mul", [mean, mean])]);
            string r = g.Node("Pow", [g.Node("Add", [v, Number(g, 1e-4f)]), Number(g, -0.5f)]);
            return g.Node("Mul", [g.Node("Mul", [g.Node("Sub", [x, mean]), r]), g.Weight("gain", 1, 0, 6)]);
        });
        Assert.Equal(NormKind.LayerNorm, norm.Kind);
        Assert.Equal(1e-4f, norm.Epsilon!.Value);
        Assert.Null(norm.Bias);
    }

    [Fact]
    public void Rms_norm()
    {
        NormInstance norm = Only((g, x) =>
        {
            string v = Mean(g, g.Node("Pow", [x, Number(g, 2)]));
            string r = g.Node("Div", [Number(g, 1), g.Node("Sqrt", [g.Node("Add", [v, Number(g, 1e-6f)])])]);
            return g.Node("Mul", [g.Weight("gain", 1, 0, 6), g.Node("Mul", [x, r])]);
        });
        Assert.Equal(NormKind.RmsNorm, norm.Kind);
        Assert.Equal(1e-6f, norm.Epsilon!.Value);
    }

    [Fact]
    public void A_standardisation_that_somebody_looks_inside_is_none()
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Node("MatMul", [g.Input("x", ElementType.Float32, "batch", 4), g.Weight("in", 1, 0, 4, 6)]);
        string mean = Mean(g, x);
        string d = g.Node("Sub", [x, mean]);
        string v = Mean(g, g.Node("Mul", [d, d]));
        string n = g.Node("Div", [d, g.Node("Sqrt", [v])]);
        g.Output(n, "y", ElementType.Float32, "batch", 6);
        g.Output(v, "variance", ElementType.Float32, "batch", 1);
        var graph = new Graph(OnnxModel.FromProto(g.Finish()));
        Assert.Empty(NormFinder.Find(graph));
    }

    [Fact]
    public void Something_that_only_looks_like_a_norm_is_none()
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Node("MatMul", [g.Input("x", ElementType.Float32, "batch", 4), g.Weight("in", 1, 0, 4, 6)]);
        string d = g.Node("Sub", [x, Mean(g, x)]);
        string v = Mean(g, g.Node("Mul", [d, d]));
        string n = g.Node("Div", [x, g.Node("Sqrt", [g.Node("Add", [v, Number(g, 1e-5f)])])]); // x, not x - mean
        g.Output(g.Node("Mul", [n, g.Weight("gain", 1, 0, 6)]), "y", ElementType.Float32, "batch", 6);
        var graph = new Graph(OnnxModel.FromProto(g.Finish()));
        Assert.Empty(NormFinder.Find(graph));
    }
}
