using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Pooling.</summary>
public sealed class PoolTests
{
    public static TheoryData<object[]> Windows => new()
    {
        { ["kernel_shape", new long[] { 2, 2 }, "strides", new long[] { 2, 2 }] },
        { ["kernel_shape", new long[] { 3, 2 }] },
        { ["kernel_shape", new long[] { 3, 3 }, "strides", new long[] { 2, 3 }, "pads", new long[] { 1, 1, 1, 1 }] },
        { ["kernel_shape", new long[] { 3, 2 }, "strides", new long[] { 2, 2 }, "auto_pad", "SAME_UPPER"] },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void AveragePool(object[] attributes)
    {
        GradientCheck.Node("AveragePool", 18, "y", Set(attributes), ("x", Normal(1, 2, 3, 5, 6)));
        GradientCheck.Node("AveragePool", 18, "y", Set([.. attributes, "count_include_pad", 1L]), ("x", Normal(1, 2, 3, 5, 6)));
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void MaxPool(object[] attributes)
    {
        GradientCheck.Node("MaxPool", 18, "y", Set(attributes), ("x", Normal(1, 2, 3, 5, 6)));
        GradientCheck.Node("MaxPool", 18, "y,i:Int64", Set(attributes), ("x", Normal(1, 2, 3, 5, 6)));
    }

    [Fact]
    public void Pooling_of_lists()
    {
        GradientCheck.Node("AveragePool", 18, "y", Set("kernel_shape", new long[] { 3 }, "strides", new long[] { 2 }), ("x", Normal(1, 2, 3, 7)));
        GradientCheck.Node("MaxPool", 18, "y", Set("kernel_shape", new long[] { 3 }, "ceil_mode", 1L, "strides", new long[] { 2 }), ("x", Normal(1, 2, 3, 6)));
        GradientCheck.Node("GlobalAveragePool", 18, "y", [], ("x", Normal(1, 2, 3, 5)));
        GradientCheck.Node("GlobalAveragePool", 18, "y", [], ("x", Normal(1, 2, 3, 2, 4)));
    }

    [Fact]
    public void What_is_not_differentiated_says_why()
    {
        CannotTrainException e = Assert.Throws<CannotTrainException>(() => GradientCheck.Node(
            "Resize", 18, "y", [], ("x", Normal(1, 1, 1, 2, 2)), ("roi", null), ("scales", null), ("sizes", Ints([4], 1, 1, 4, 4))));
        Assert.Contains("resize position embeddings before the export", e.Message, StringComparison.Ordinal);
    }
}
