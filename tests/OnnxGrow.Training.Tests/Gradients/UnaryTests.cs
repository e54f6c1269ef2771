using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Functions of one value, where they are smooth.</summary>
public sealed class UnaryTests
{
    [Theory]
    [InlineData("Neg")]
    [InlineData("Exp")]
    [InlineData("Erf")]
    [InlineData("Tanh")]
    [InlineData("Sigmoid")]
    [InlineData("Softplus")]
    [InlineData("Sin")]
    [InlineData("Cos")]
    [InlineData("Atan")]
    [InlineData("Sinh")]
    [InlineData("Cosh")]
    [InlineData("Asinh")]
    [InlineData("Identity")]
    [InlineData("Mish")]
    public void Defined_everywhere(string op) => GradientCheck.Node(op, 22, "y", [], ("x", Normal(1, 3, 5)));

    [Theory]
    [InlineData("Abs")]
    [InlineData("Relu")]
    [InlineData("Softsign")]
    public void With_a_kink_at_zero(string op) => GradientCheck.Node(op, 22, "y", [], ("x", NoZero(2, 3, 5)));

    [Theory]
    [InlineData("Sqrt")]
    [InlineData("Log")]
    [InlineData("Reciprocal")]
    public void Above_zero(string op) => GradientCheck.Node(op, 22, "y", [], ("x", Positive(3, 3, 5)));

    [Fact]
    public void Reciprocal_of_negative_values() => GradientCheck.Node("Reciprocal", 18, "y", [], ("x", Map(4, x => -0.3 - Math.Abs(x), 7)));

    [Theory]
    [InlineData("Tan")]
    [InlineData("Asin")]
    [InlineData("Acos")]
    [InlineData("Atanh")]
    public void Within_one(string op) => GradientCheck.Node(op, 22, "y", [], ("x", Map(5, x => 0.8 * Math.Tanh(x), 3, 5)));

    [Fact]
    public void Acosh_above_one() => GradientCheck.Node("Acosh", 22, "y", [], ("x", Map(6, x => 1.2 + Math.Abs(x), 3, 5)));

    [Fact]
    public void A_scalar_has_a_gradient_too() => GradientCheck.Node("Tanh", 18, "y", [], ("x", Normal(7)));
}
