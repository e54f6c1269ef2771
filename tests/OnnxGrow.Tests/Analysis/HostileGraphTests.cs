using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Graphs that would blow up an analysis that follows everything.</summary>
public class HostileGraphTests
{
    private static void Analyse(Action<GraphBuilder, string> write)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        write(g, x);
        g.Output(g.Node("Relu", [x]), "y", ElementType.Float32, "batch", 4);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelMap.Of(model);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 500L << 20);
    }

    [Fact]
    public void Sizes_that_double_at_every_node() => Analyse((g, x) =>
    {
        string size = g.Node("Shape", [x]);
        for (int i = 0; i < 2000; i++)
        {
            size = g.Node("Add", [size, size]);
        }
    });

    [Fact]
    public void Sizes_that_are_chained_without_end() => Analyse((g, x) =>
    {
        string size = g.Node("Shape", [x]);
        string one = g.Ints("one", 1);
        for (int i = 0; i < 20000; i++)
        {
            size = g.Node("Add", [size, one]);
        }
    });

    [Fact]
    public void Axes_that_double_at_every_node() => Analyse((g, x) =>
    {
        for (int i = 0; i < 100; i++)
        {
            x = g.Node("Concat", [x, x], ("axis", 1));
        }
    });

    [Fact]
    public void Squares_of_squares() => Analyse((g, x) =>
    {
        string square = g.Node("Mul", [x, x]);
        g.Node("ReduceMean", [x], ("axes", new long[] { -1 }));
        for (int i = 0; i < 60; i++)
        {
            square = g.Node("Mul", [square, square]);
        }
    });

    [Fact]
    public void Attributes_that_do_not_fit() => Analyse((g, x) =>
    {
        g.Node("Transpose", [x], ("perm", new long[] { 5, 7 }));
        g.Node("Concat", [x, x], ("axis", 9));
        g.Node("Softmax", [x], ("axis", -12));
        g.Node("Gather", [x, g.Ints("i", 0)], ("axis", 4));
        g.Node("Split", [x], ("axis", 3));
        g.Node("Unsqueeze", [x, g.Ints("axes", 1, 1, 1)]);
        g.Node("Squeeze", [x, g.Ints("axes", 44)]);
        g.Node("Flatten", [x], ("axis", long.MaxValue));
        g.Node("Reshape", [x, g.Ints("shape", long.MaxValue, long.MaxValue, 2)]);
        g.Node("Slice", [x, g.Ints("starts", 3), g.Ints("ends", 1, 2), g.Ints("axes", 0, 1)]);
        g.Node("Conv", [x, g.Weight("w", 1, 0, 2, 2)]);
        g.Node("Gemm", [x, g.Weight("w", 1, 0, 2)]);
    });

    [Fact]
    public void Strides_of_zero() => Analyse((g, _) =>
        g.Node("Conv", [g.Input("image", ElementType.Float32, 1, 2, 4, 4), g.Weight("w", 1, 0, 2, 2, 2, 2)], ("strides", new long[] { 0, 0 })));

    [Fact]
    public void Tables_of_no_angles() => Analyse((g, _) =>
    {
        string angles = g.Floats("angles", [4, 0]);
        g.Node("RotaryEmbedding", [g.Input("turned", ElementType.Float32, 1, 4, 8), angles, angles]);
    });

    [Theory]
    [InlineData("Reshape", 1L << 32, 1L << 32, -1L)]
    [InlineData("Unsqueeze", 1L, 1L)]
    [InlineData("Unsqueeze", 9L)]
    public void A_gain_in_a_shape_that_is_none(string op, params long[] numbers) => Analyse((g, x) =>
    {
        string centred = g.Node("Sub", [x, g.Node("ReduceMean", [x], ("axes", new long[] { -1 }))]);
        string variance = g.Node("ReduceMean", [g.Node("Mul", [centred, centred])], ("axes", new long[] { -1 }));
        string normed = g.Node("Div", [centred, g.Node("Sqrt", [g.Node("Add", [variance, g.Floats("epsilon", [], 1e-5f)])])]);
        g.Node("Mul", [normed, g.Node(op, [g.Weight("gain", 1, 1, 4), g.Ints("numbers", numbers)])]);
    });

    [Fact]
    public void A_deep_chain_of_ordinary_nodes() => Analyse((g, x) =>
    {
        for (int i = 0; i < 20000; i++)
        {
            x = g.Node("Relu", [x]);
        }
    });
}
