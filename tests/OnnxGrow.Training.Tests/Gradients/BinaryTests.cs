using OnnxGrow.Runtime;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Sub, Div, Mod and Where over broadcasts.</summary>
public sealed class BinaryTests
{
    [Theory]
    [MemberData(nameof(CoreTests.Broadcasts), MemberType = typeof(CoreTests))]
    public void Sub_and_Div_sum_over_what_was_broadcast(long[] a, long[] b)
    {
        GradientCheck.Node("Sub", 18, "y", [], ("a", Normal(1, a)), ("b", Normal(2, b)));
        GradientCheck.Node("Div", 18, "y", [], ("a", Normal(1, a)), ("b", NoZero(2, b)));
        GradientCheck.Node("Div", 18, "y", [], ("a", Normal(3, a)), ("b", Positive(4, b)));
    }

    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 4 })]
    [InlineData(new long[] { 4 }, new long[] { 3, 1 })]
    public void Mod_of_both_signs_between_its_steps(long[] a, long[] b)
    {
        // Quotients 2.3 .. 2.7 and their negatives are far from a whole number.
        RuntimeTensor divisor = Map(5, x => x < 0 ? -2 - (0.01 * x) : 2 + (0.01 * x), b);
        GradientCheck.Node("Mod", 18, "y", Set("fmod", 1L), ("a", Map(6, x => Math.Sign(x) * (5 + (0.2 * Math.Tanh(x))), a)), ("b", divisor));
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 })]
    [InlineData(new long[] { 3 }, new long[] { 2, 1 })]
    [InlineData(new long[] { 4, 1, 1 }, new long[] { 2, 3 })]
    [InlineData(new long[0], new long[] { 2, 3 })]
    public void Where_gives_to_what_was_taken(long[] a, long[] b) => GradientCheck.Node(
        "Where", 18, "y", [], ("c", Truths([2, 3], true, false, true, false, false, true)), ("a", Normal(7, a)), ("b", Normal(8, b)));

    [Fact]
    public void Where_whose_condition_broadcasts() => GradientCheck.Node(
        "Where", 18, "y", [], ("c", Truths([2, 1], true, false)), ("a", Normal(7, 3, 2, 3)), ("b", Normal(8, 3)));
}
