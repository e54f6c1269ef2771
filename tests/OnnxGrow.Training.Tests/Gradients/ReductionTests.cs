using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Reductions over some axes, all, or none, given as an input or as an attribute.</summary>
public sealed class ReductionTests
{
    public static TheoryData<string> Operators =>
    [
        "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare",
    ];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Axes_as_an_input(string op)
    {
        RuntimeTensor x = ValuesFor(op);
        foreach (long keep in new[] { 0L, 1L })
        {
            GradientCheck.Node(op, 18, "y", Set("keepdims", keep), ("x", x), ("axes", Ints([1], 1)));
            GradientCheck.Node(op, 18, "y", Set("keepdims", keep), ("x", x), ("axes", Ints([2], -1, 0)));
            GradientCheck.Node(op, 18, "y", Set("keepdims", keep), ("x", x), ("axes", Ints([3], 2, 0, 1)));
            GradientCheck.Node(op, 18, "y", Set("keepdims", keep), ("x", x), ("axes", Ints([0])));
            GradientCheck.Node(op, 18, "y", Set("keepdims", keep), ("x", x));
        }
    }

    [Theory]
    [InlineData("ReduceMean")]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMin")]
    [InlineData("ReduceL1")]
    [InlineData("ReduceL2")]
    [InlineData("ReduceLogSum")]
    [InlineData("ReduceLogSumExp")]
    [InlineData("ReduceSumSquare")]
    public void Axes_as_an_attribute(string op)
    {
        RuntimeTensor x = ValuesFor(op);
        GradientCheck.Node(op, 13, "y", Set("axes", new long[] { -2 }), ("x", x));
        GradientCheck.Node(op, 13, "y", Set("axes", new long[] { 2, 0 }, "keepdims", 0L), ("x", x));
        GradientCheck.Node(op, 13, "y", Set("keepdims", 0L), ("x", x));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void No_axes_that_reduce_nothing(string op)
    {
        GradientCheck.Node(op, 18, "y", Set("noop_with_empty_axes", 1L), ("x", ValuesFor(op)));
        GradientCheck.Node(op, 18, "y", Set("noop_with_empty_axes", 1L, "keepdims", 0L), ("x", ValuesFor(op)), ("axes", Ints([0])));
    }

    [Fact]
    public void A_product_with_one_zero_or_two()
    {
        RuntimeTensor x = RuntimeTensor.FromDoubles(ElementType.Float32, [3, 3], [2, 0, -3, 0, 0.5, 0, 1.5, -2, 0.7]);
        GradientCheck.Node("ReduceProd", 18, "y", [], ("x", x), ("axes", Ints([1], 1)));
    }

    [Fact]
    public void The_norm_of_zeros_passes_nothing()
    {
        // Differences of |x| at zero are zero both ways round.
        RuntimeTensor x = RuntimeTensor.FromDoubles(ElementType.Float32, [2, 2], [0, 0, 3, 4]);
        GradientCheck.Node("ReduceL2", 18, "y", [], ("x", x), ("axes", Ints([1], 1)));
    }

    [Theory]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMin")]
    public void Equal_extremes_share_the_gradient(string op)
    {
        // To both sides of a tie the value moves by half of what central differences see.
        RuntimeTensor x = RuntimeTensor.FromDoubles(ElementType.Float32, [2, 2], [1, 1, -2, -2]);
        GradientCheck.Node(op, 18, "y", [], ("x", x), ("axes", Ints([1], 1)));
    }

    /// <summary>No zeros, no equal ones; positive where a logarithm is taken of their sum.</summary>
    private static RuntimeTensor ValuesFor(string op) => op == "ReduceLogSum" ? Positive(1, 2, 3, 4) : NoZero(1, 2, 3, 4);
}
