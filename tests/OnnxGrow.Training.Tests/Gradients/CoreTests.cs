using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>The operators that every transformer is made of.</summary>
public sealed class CoreTests
{
    public static TheoryData<long[], long[]> Broadcasts => new()
    {
        { [2, 3], [2, 3] },
        { [2, 3, 4], [4] },
        { [4], [2, 3, 4] },
        { [2, 1, 4], [3, 1] },
        { [2, 3], [] },
        { [1, 3], [2, 3] },
    };

    [Theory]
    [MemberData(nameof(Broadcasts))]
    public void Add_and_mul_sum_over_what_was_broadcast(long[] a, long[] b)
    {
        GradientCheck.Node("Add", 18, "y", [], ("a", Normal(1, a)), ("b", Normal(2, b)));
        GradientCheck.Node("Mul", 18, "y", [], ("a", Normal(1, a)), ("b", Normal(2, b)));
    }

    public static TheoryData<long[], long[]> Products => new()
    {
        { [3, 4], [4, 5] },
        { [2, 3, 4], [4, 5] },
        { [2, 2, 3, 4], [4, 5] },
        { [2, 2, 3, 4], [2, 2, 4, 5] },
        { [2, 1, 3, 4], [3, 4, 5] },
        { [3, 4], [2, 4, 5] },
        { [4], [4, 5] },
        { [4], [2, 4, 5] },
        { [2, 3, 4], [4] },
        { [4], [4] },
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void MatMul_of_any_ranks(long[] a, long[] b) =>
        GradientCheck.Node("MatMul", 18, "y", [], ("a", Normal(1, a)), ("b", Normal(2, b)));

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L)]
    public void Softmax_along_an_axis(long axis) => GradientCheck.Node("Softmax", 18, "y", Set("axis", axis), ("x", Normal(3, 2, 3, 4)));

    [Fact]
    public void LayerNormalization_with_and_without_bias()
    {
        GradientCheck.Node("LayerNormalization", 18, "y", Set("epsilon", 1e-5f), ("x", Normal(1, 2, 3, 5)), ("gain", Normal(2, 5)), ("bias", Normal(3, 5)));
        GradientCheck.Node("LayerNormalization", 18, "y", Set("axis", 1L), ("x", Normal(1, 2, 3, 5)), ("gain", Normal(2, 3, 5)));
    }
}
