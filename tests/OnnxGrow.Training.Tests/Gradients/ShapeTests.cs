using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Operators that give the same elements another shape or order.</summary>
public sealed class ShapeTests
{
    [Theory]
    [InlineData(6L, 4L)]
    [InlineData(2L, -1L)]
    [InlineData(0L, -1L)]
    public void Reshape(long a, long b) => GradientCheck.Node("Reshape", 18, "y", [], ("x", Normal(1, 2, 3, 4)), ("s", Ints([2], a, b)));

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(-1L)]
    public void Flatten(long axis) => GradientCheck.Node("Flatten", 18, "y", Set("axis", axis), ("x", Normal(1, 2, 3, 4)));

    [Fact]
    public void Squeeze_with_and_without_axes()
    {
        GradientCheck.Node("Squeeze", 18, "y", [], ("x", Normal(1, 2, 1, 3, 1)));
        GradientCheck.Node("Squeeze", 18, "y", [], ("x", Normal(1, 2, 1, 3, 1)), ("axes", Ints([1], -3)));
        GradientCheck.Node("Squeeze", 18, "y", [], ("x", Normal(1, 2, 1, 3, 1)), ("axes", Ints([2], 3, 1)));
    }

    [Fact]
    public void Unsqueeze_by_axes_of_the_result()
    {
        GradientCheck.Node("Unsqueeze", 18, "y", [], ("x", Normal(1, 2, 3)), ("axes", Ints([1], -1)));
        GradientCheck.Node("Unsqueeze", 18, "y", [], ("x", Normal(1, 2, 3)), ("axes", Ints([2], 3, 0)));
    }

    [Fact]
    public void Transpose_of_any_ranks()
    {
        GradientCheck.Node("Transpose", 18, "y", [], ("x", Normal(1, 2, 3, 4)));
        GradientCheck.Node("Transpose", 18, "y", Set("perm", new long[] { 2, 0, 1 }), ("x", Normal(1, 2, 3, 4)));
        GradientCheck.Node("Transpose", 18, "y", Set("perm", new long[] { 0, 1 }), ("x", Normal(1, 2, 3)));
    }

    [Fact]
    public void Expand_sums_over_the_copies()
    {
        GradientCheck.Node("Expand", 18, "y", [], ("x", Normal(1, 3, 1)), ("s", Ints([3], 2, 3, 4)));
        GradientCheck.Node("Expand", 18, "y", [], ("x", Normal(1, 2, 3)), ("s", Ints([2], 1, 1)));
        GradientCheck.Node("Expand", 18, "y", [], ("x", Normal(1)), ("s", Ints([2], 2, 2)));
    }

    [Fact]
    public void Tile_sums_over_the_copies()
    {
        GradientCheck.Node("Tile", 18, "y", [], ("x", Normal(1, 2, 3)), ("r", Ints([2], 3, 2)));
        GradientCheck.Node("Tile", 18, "y", [], ("x", Normal(1, 2, 3)), ("r", Ints([2], 1, 2)));
        GradientCheck.Node("Tile", 18, "y", [], ("x", Normal(1, 2, 3)), ("r", Ints([2], 1, 1)));
    }

    [Theory]
    [InlineData("DCR")]
    [InlineData("CRD")]
    public void DepthToSpace_in_both_orders(string mode) =>
        GradientCheck.Node("DepthToSpace", 18, "y", Set("blocksize", 2L, "mode", mode), ("x", Normal(1, 2, 12, 2, 3)));

    [Fact]
    public void SpaceToDepth() => GradientCheck.Node("SpaceToDepth", 18, "y", Set("blocksize", 2L), ("x", Normal(1, 2, 3, 4, 6)));

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(1L, 0L)]
    [InlineData(0L, -1L)]
    [InlineData(1L, 1L)]
    public void Trilu(long upper, long k)
    {
        GradientCheck.Node("Trilu", 18, "y", Set("upper", upper), ("x", Normal(1, 2, 3, 4)), ("k", Ints([], k)));
        GradientCheck.Node("Trilu", 18, "y", Set("upper", upper), ("x", Normal(1, 3, 3)));
    }
}
