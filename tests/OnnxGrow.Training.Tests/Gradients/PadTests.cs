using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Pad in its modes.</summary>
public sealed class PadTests
{
    [Fact]
    public void Constant_padding_is_cut_off()
    {
        GradientCheck.Node("Pad", 18, "y", [], ("x", Normal(1, 2, 3)), ("p", Ints([4], 1, 0, 2, 1)));
        GradientCheck.Node("Pad", 18, "y", [], ("x", Normal(1, 2, 3)), ("p", Ints([4], 1, 0, 2, 1)), ("c", Normal(2)));
        GradientCheck.Node("Pad", 18, "y", [], ("x", Normal(1, 2, 4)), ("p", Ints([4], 0, -1, 1, -1)));
        GradientCheck.Node("Pad", 18, "y", [], ("x", Normal(1, 2, 3, 2)), ("p", Ints([2], 1, 2)), ("c", null), ("a", Ints([1], -2)));
    }

    [Theory]
    [InlineData("reflect")]
    [InlineData("edge")]
    public void Copies_add_to_what_they_copy(string mode)
    {
        GradientCheck.Node("Pad", 18, "y", Set("mode", mode), ("x", Normal(1, 2, 3, 4)), ("p", Ints([6], 0, 2, 3, 0, 1, 0)));
        GradientCheck.Node("Pad", 18, "y", Set("mode", mode), ("x", Normal(1, 3, 4)), ("p", Ints([2], 1, 2)), ("c", null), ("a", Ints([1], 1)));
    }

    [Fact]
    public void Wrapped_around() => GradientCheck.Node("Pad", 19, "y", Set("mode", "wrap"), ("x", Normal(1, 2, 4)), ("p", Ints([4], 0, 1, 0, 3)));
}
