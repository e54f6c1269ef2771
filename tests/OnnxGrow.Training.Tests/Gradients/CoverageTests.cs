using OnnxGrow.Training.Differentiation;
using Xunit;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Every gradient is checked: each operator of the table is named by a test that runs one.</summary>
public sealed class CoverageTests
{
    [Fact]
    public void Every_operator_with_a_gradient_is_named_by_a_test_of_gradients()
    {
        HashSet<string> named = TestedNames.Of(typeof(CoverageTests).Assembly, typeof(GradientCheck), typeof(Differentiator));
        string[] untested = [.. GradientTable.Operators.Where(o => !named.Contains(o))];
        Assert.True(untested.Length == 0, "no test of gradients names " + string.Join(", ", untested));
    }

    [Fact]
    public void A_name_in_a_test_of_something_else_does_not_count()
    {
        HashSet<string> named = TestedNames.Of(typeof(CoverageTests).Assembly, typeof(GradientCheck), typeof(Differentiator));
        Assert.DoesNotContain("NamedHereOnly", named);
        Assert.Contains("Softmax", named);
    }
}
