using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Einsum: equations of many kinds.</summary>
public sealed class EinsumTests
{
    [Theory]
    [InlineData("ij,jk->ik", new long[] { 2, 3 }, new long[] { 3, 4 })]
    [InlineData("ij,jk", new long[] { 2, 3 }, new long[] { 3, 4 })]
    [InlineData("bqhd,bkhd->bhqk", new long[] { 2, 3, 2, 2 }, new long[] { 2, 4, 2, 2 })]
    [InlineData("bhqk,bkhd->bqhd", new long[] { 2, 2, 3, 4 }, new long[] { 2, 4, 2, 2 })]
    [InlineData("bsd,dhk->bshk", new long[] { 2, 3, 4 }, new long[] { 4, 2, 3 })]
    [InlineData("b i d, b j d -> b i j", new long[] { 2, 3, 4 }, new long[] { 2, 2, 4 })]
    [InlineData("i,j->ij", new long[] { 3 }, new long[] { 4 })]
    [InlineData("i,i->", new long[] { 3 }, new long[] { 3 })]
    [InlineData("ij,k->k", new long[] { 2, 3 }, new long[] { 4 })]
    [InlineData("...ij,...jk->...ik", new long[] { 2, 2, 3 }, new long[] { 2, 3, 4 })]
    [InlineData("...ij,jk->...ik", new long[] { 2, 2, 3 }, new long[] { 3, 4 })]
    [InlineData("...ij,...jk", new long[] { 2, 2, 2, 3 }, new long[] { 2, 2, 3, 2 })]
    [InlineData("...ij,...jk->...ik", new long[] { 3, 2, 2, 3 }, new long[] { 1, 2, 3, 4 })]
    public void Two_operands(string equation, long[] a, long[] b) =>
        GradientCheck.Node("Einsum", 18, "y", Set("equation", equation), ("a", Normal(1, a)), ("b", Normal(2, b)));

    [Theory]
    [InlineData("ij->ji")]
    [InlineData("ij->i")]
    [InlineData("ij->")]
    public void One_operand(string equation) => GradientCheck.Node("Einsum", 18, "y", Set("equation", equation), ("a", Normal(1, 2, 3)));

    [Fact]
    public void Three_operands() => GradientCheck.Node(
        "Einsum", 18, "y", Set("equation", "ij,jk,k->i"), ("a", Normal(1, 2, 3)), ("b", Normal(2, 3, 4)), ("c", Normal(3, 4)));

    [Fact]
    public void Diagonals_are_refused()
    {
        CannotTrainException e = Assert.Throws<CannotTrainException>(
            () => GradientCheck.Node("Einsum", 18, "y", Set("equation", "ii->i"), ("a", Normal(1, 3, 3))));
        Assert.Contains("'ii->i' repeats an index", e.Message, StringComparison.Ordinal);
    }
}
