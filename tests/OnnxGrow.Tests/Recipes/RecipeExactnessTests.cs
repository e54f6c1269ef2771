using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Recipes;

public sealed class RecipeExactnessTests
{
    private static readonly AxisExpansion Same = AxisExpansion.Identity(2);
    private static readonly AxisExpansion Twice = new(2, [0, 1, 0, 1], []);
    private static readonly AxisExpansion Uneven = new(2, [0, 1, 0, 0], []);
    private static readonly AxisExpansion Padded = new(2, [0, 1, -1], []);
    private static readonly AxisExpansion Averaged = new(2, [0, 1, -2], [new AverageBlock(0, 2)]);

    [Fact]
    public void Copies_and_zeros_are_bit_exact()
    {
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Keep, Same));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Writer, Twice));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Writer, Padded));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Gain, Padded));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Reader, Same));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Reader, Twice, factor: 0));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Writer, Averaged, factor: 0));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Writer, Twice, factor: 0, zeroSum: true));
        Assert.Equal(Exactness.BitExact, Of(AxisRole.Gain, Padded, factor: 0, offset: -1));
    }

    [Fact]
    public void Shares_and_powers_of_two_are_exact_weights()
    {
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Twice));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Uneven));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Padded));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Averaged));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Twice, split: SplitStyle.Equal));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Writer, Twice, factor: -0.25));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Writer, Twice.Times(2)));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Twice, factor: 0, zeroSum: true));
        Assert.Equal(Exactness.ExactWeights, Of(AxisRole.Reader, Twice.Times(3), factor: 3));
    }

    [Fact]
    public void Everything_else_is_rounded()
    {
        Assert.Equal(Exactness.Rounded, Of(AxisRole.Writer, Averaged));
        Assert.Equal(Exactness.Rounded, Of(AxisRole.Reader, Uneven, split: SplitStyle.Equal));
        Assert.Equal(Exactness.Rounded, Of(AxisRole.Gain, Twice, factor: 0.7));
        Assert.Equal(Exactness.Rounded, Of(AxisRole.Gain, Twice, factor: 0.5, offset: 1));
        Assert.Equal(Exactness.Rounded, Of(AxisRole.Reader, Twice.Times(3)));
    }

    private static Exactness Of(
        AxisRole role,
        AxisExpansion expansion,
        double factor = 1,
        bool zeroSum = false,
        double offset = 0,
        SplitStyle split = SplitStyle.Random) =>
        RecipeExactness.Of(new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(ElementType.Float32, 1, 2),
            SourceDims = [2],
            Axes = [new RecipeAxis(role, expansion)],
            Factor = factor,
            ZeroSum = zeroSum,
            Offset = offset,
            Split = split,
            Rules = [],
        });
}
