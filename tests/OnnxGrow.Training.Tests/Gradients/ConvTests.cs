using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Convolutions.</summary>
public sealed class ConvTests
{
    public static TheoryData<long[], long[], object[]> Cases => new()
    {
        { [2, 3, 5, 6], [4, 3, 3, 2], [] },
        { [2, 3, 5, 6], [4, 3, 3, 3], ["pads", new long[] { 1, 0, 1, 2 }] },
        { [2, 3, 6, 5], [2, 3, 3, 2], ["strides", new long[] { 2, 2 }] },
        { [2, 3, 6, 5], [2, 3, 3, 3], ["strides", new long[] { 2, 3 }, "pads", new long[] { 1, 1, 1, 1 }] },
        { [1, 2, 7, 8], [2, 2, 2, 3], ["dilations", new long[] { 2, 3 }] },
        { [1, 2, 9, 8], [2, 2, 3, 2], ["dilations", new long[] { 2, 2 }, "strides", new long[] { 3, 2 }, "pads", new long[] { 2, 0, 1, 1 }] },
        { [2, 4, 4, 4], [6, 2, 3, 3], ["group", 2L, "pads", new long[] { 1, 1, 1, 1 }] },
        { [2, 3, 5, 4], [3, 1, 3, 3], ["group", 3L, "strides", new long[] { 2, 1 }] },
        { [2, 3, 5, 5], [2, 3, 2, 3], ["auto_pad", "SAME_UPPER"] },
        { [2, 3, 5, 6], [2, 3, 2, 4], ["auto_pad", "SAME_LOWER"] },
        { [2, 2, 5, 6], [2, 2, 3, 4], ["auto_pad", "SAME_UPPER", "strides", new long[] { 2, 2 }] },
        { [2, 2, 5, 6], [2, 2, 3, 4], ["auto_pad", "SAME_LOWER", "strides", new long[] { 3, 2 }] },
        { [2, 2, 5, 6], [2, 2, 3, 4], ["auto_pad", "VALID"] },
        { [2, 3, 8], [4, 3, 3], ["pads", new long[] { 1, 1 }] },
        { [2, 4, 8], [4, 2, 3], ["strides", new long[] { 2 }, "group", 2L, "pads", new long[] { 1, 1 }] },
        { [2, 3, 4, 6], [5, 3, 2, 2], ["strides", new long[] { 2, 2 }] },
        { [2, 3, 4, 6], [5, 3, 2, 3], ["strides", new long[] { 2, 3 }] },
        { [2, 3, 6], [5, 3, 2], ["strides", new long[] { 2 }] },
        { [2, 3, 2, 3], [5, 3, 1, 1], [] },
        { [2, 3, 5, 7], [5, 3, 2, 2], ["strides", new long[] { 2, 2 }] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Conv(long[] x, long[] kernel, object[] attributes)
    {
        GradientCheck.Node("Conv", 18, "y", Set(attributes), ("x", Normal(1, x)), ("w", Normal(2, kernel)), ("b", Normal(3, kernel[0])));
        GradientCheck.Node("Conv", 18, "y", Set(attributes), ("x", Normal(1, x)), ("w", Normal(2, kernel)));
    }

    public static TheoryData<long[], long[], object[]> Transposed => new()
    {
        { [2, 3, 3, 4], [3, 2, 2, 3], [] },
        { [2, 3, 3, 4], [3, 2, 3, 3], ["strides", new long[] { 2, 2 }, "pads", new long[] { 1, 1, 0, 1 }, "output_padding", new long[] { 1, 0 }] },
        { [2, 4, 3, 4], [4, 1, 2, 2], ["group", 2L, "dilations", new long[] { 2, 1 }] },
        { [2, 3, 4], [3, 2, 2], ["strides", new long[] { 2 }] },
    };

    [Theory]
    [MemberData(nameof(Transposed))]
    public void ConvTranspose(long[] x, long[] kernel, object[] attributes)
    {
        long channels = kernel[1] * (attributes is ["group", long group, ..] ? group : 1);
        GradientCheck.Node("ConvTranspose", 18, "y", Set(attributes), ("x", Normal(1, x)), ("w", Normal(2, kernel)), ("b", Normal(3, channels)));
    }
}
