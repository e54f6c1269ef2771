using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Pow: exponents with a cheap form, others, and exponents that are learnt.</summary>
public sealed class PowTests
{
    public static TheoryData<double> Exponents => [2, 3, 0.5, -0.5, -1, -2, 1, 1.7, -1.3, 4];

    [Theory]
    [MemberData(nameof(Exponents))]
    public void A_constant_exponent(double exponent)
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, 3, 4)
            .Floats("e", [], [(float)exponent])
            .Node("Pow", "x,e", "y")
            .Output("y", ElementType.Float32)
            .Build();
        GradientCheck.Graph(model, ("x", Positive(1, 3, 4)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(-1)]
    [InlineData(-2)]
    [InlineData(5)]
    public void A_whole_exponent_takes_negative_values(long exponent) =>
        GradientCheck.Node("Pow", 18, "y", [], ("x", NoZero(2, 3, 4)), ("e", Ints([1], exponent)));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_positive_exponent_takes_zero(long exponent) => GradientCheck.Node(
        "Pow", 18, "y", [], ("x", RuntimeTensor.FromDoubles(ElementType.Float32, [3], [0, -0.5, 1.5])), ("e", Ints([], exponent)));

    [Fact]
    public void Whole_exponents_of_several_kinds() =>
        GradientCheck.Node("Pow", 18, "y", [], ("x", NoZero(3, 2, 3)), ("e", Ints([3], 2, 3, -1)));

    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 4 })]
    [InlineData(new long[] { 4 }, new long[] { 3, 1 })]
    [InlineData(new long[] { 3, 4 }, new long[0])]
    public void An_exponent_that_is_learnt(long[] x, long[] e) =>
        GradientCheck.Node("Pow", 18, "y", [], ("x", Positive(4, x)), ("e", Normal(5, e)));

    [Fact]
    public void An_exponent_that_is_learnt_over_zero()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("e", ElementType.Float32, 2)
            .Floats("x", [2], [0, 1.5f])
            .Node("Pow", "x,e", "y")
            .Output("y", ElementType.Float32)
            .Build();
        GradientCheck.Graph(model, ("e", RuntimeTensor.FromDoubles(ElementType.Float32, [2], [2.5, -0.5])));
    }
}
