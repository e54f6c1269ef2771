using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>GELU in all its forms.</summary>
public sealed class GeluTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void Gelu_and_its_approximation(string form)
    {
        GradientCheck.Node("Gelu", 20, "y", Set("approximate", form), ("x", Normal(1, 3, 7)));
        GradientCheck.Node("Gelu", 20, "y", Set("approximate", form), ("x", Map(2, x => 4 * x, 3, 7)));
    }

    [Fact]
    public void Gelu_by_default() => GradientCheck.Node("Gelu", 20, "y", [], ("x", Normal(3, 3, 7)));

    [Fact]
    public void Fused_forms_with_and_without_a_bias()
    {
        GradientCheck.Node("com.microsoft.Gelu", 18, "y", [], ("x", Normal(4, 3, 7)));
        GradientCheck.Node("com.microsoft.BiasGelu", 18, "y", [], ("x", Normal(5, 2, 3, 7)), ("b", Normal(6, 7)));
        GradientCheck.Node("com.microsoft.FastGelu", 18, "y", [], ("x", Normal(7, 3, 7)));
        GradientCheck.Node("com.microsoft.FastGelu", 18, "y", [], ("x", Normal(8, 2, 3, 7)), ("b", Normal(9, 7)));
    }
}
