using OnnxGrow.Runtime;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Activations, in their own parameters and in the default ones, away from their kinks.</summary>
public sealed class ActivationTests
{
    [Theory]
    [InlineData("LeakyRelu", 16L, 0.3f)]
    [InlineData("Elu", 18L, 0.7f)]
    [InlineData("Elu", 22L, 1.3f)]
    [InlineData("Celu", 12L, 0.6f)]
    [InlineData("Selu", 22L, 1.4f)]
    public void Bent_at_zero(string op, long opset, float alpha)
    {
        GradientCheck.Node(op, opset, "y", [], ("x", NoZero(1, 4, 5)));
        GradientCheck.Node(op, opset, "y", Set("alpha", alpha), ("x", NoZero(2, 4, 5)));
    }

    [Fact]
    public void Selu_has_a_second_parameter() =>
        GradientCheck.Node("Selu", 18, "y", Set("alpha", 0.8f, "gamma", 1.9f), ("x", NoZero(3, 4, 5)));

    [Fact]
    public void ThresholdedRelu_is_cut_at_its_threshold()
    {
        GradientCheck.Node("ThresholdedRelu", 18, "y", [], ("x", Away(4, 0.05, 1)));
        GradientCheck.Node("ThresholdedRelu", 18, "y", Set("alpha", 0.5f), ("x", Away(5, 0.05, 0.5)));
    }

    [Theory]
    [InlineData(0.2f, 0.5f)]
    [InlineData(0.6f, 0.3f)]
    public void HardSigmoid_has_a_slope_between_its_ends_only(float alpha, float beta) => GradientCheck.Node(
        "HardSigmoid", 18, "y", Set("alpha", alpha, "beta", beta), ("x", Away(6, 0.05, -beta / alpha, (1 - beta) / alpha)));

    [Fact]
    public void HardSigmoid_by_default() => GradientCheck.Node("HardSigmoid", 18, "y", [], ("x", Away(7, 0.05, -2.5, 2.5)));

    [Fact]
    public void HardSwish_before_between_and_behind_its_bends() => GradientCheck.Node("HardSwish", 22, "y", [], ("x", Away(8, 0.05, -3, 3)));

    [Theory]
    [InlineData(new long[] { 3 })]
    [InlineData(new long[] { 1 })]
    [InlineData(new long[] { 4, 1 })]
    [InlineData(new long[] { 2, 4, 3 })]
    [InlineData(new long[0])]
    public void PRelu_with_a_slope_that_broadcasts(long[] slope) =>
        GradientCheck.Node("PRelu", 16, "y", [], ("x", NoZero(9, 2, 4, 3)), ("slope", Normal(10, slope)));

    [Fact]
    public void Swish_with_and_without_its_factor()
    {
        GradientCheck.Node("Swish", 24, "y", [], ("x", Normal(11, 3, 5)));
        GradientCheck.Node("Swish", 24, "y", Set("alpha", 1.7f), ("x", Normal(12, 3, 5)));
        GradientCheck.Node("com.microsoft.QuickGelu", 18, "y", [], ("x", Normal(13, 3, 5)));
        GradientCheck.Node("com.microsoft.QuickGelu", 18, "y", Set("alpha", 0.9f), ("x", Normal(14, 3, 5)));
    }

    /// <summary>Values as wide as -8 to 8, none near some points.</summary>
    private static RuntimeTensor Away(int seed, double distance, params double[] points) => Map(
        seed,
        x => points.Aggregate(4 * x, (at, point) => Math.Abs(at - point) < distance ? point + (2 * distance) : at),
        4,
        10);
}
