using OnnxGrow.Growth.Recipes;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Tests.Recipes;
using Xunit;

namespace OnnxGrow.Tests.Shrinking;

/// <summary>Random recipes, evaluated and read back.</summary>
public sealed class LeftInverseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_source_comes_back(ulong seed)
    {
        var recipes = new RandomRecipes(seed);
        int exact = 0;
        int rounded = 0;
        for (int i = 0; i < 1500; i++)
        {
            WeightRecipe recipe = recipes.Next();
            if (!LeftInverse.Determines(recipe))
            {
                Assert.Equal(0, recipe.Factor);
                continue;
            }

            var source = (HeldData)recipe.Source;
            HeldData found = HeldData.Of(new RecoveredTensorData(recipe, HeldData.Of(new RecipeTensorData(recipe))));
            if (LeftInverse.IsExact(recipe))
            {
                Assert.True(source.Bytes.AsSpan().SequenceEqual(found.Bytes), $"seed {seed}, recipe {i}");
                exact++;
                continue;
            }

            for (int e = 0; e < source.Count; e++)
            {
                double error = Math.Abs(found.Values[e] - source.Values[e]);
                Assert.True(error <= Bound(recipe, source.Values[e]), $"seed {seed}, recipe {i}, entry {e}: {source.Values[e]:R} comes back as {found.Values[e]:R}");
            }

            rounded++;
        }

        Assert.True(exact > 200 && rounded > 200, $"{exact} exact, {rounded} rounded");
    }

    [Fact]
    public void Pieces_of_a_tensor_are_those_of_the_whole()
    {
        var recipes = new RandomRecipes(11);
        var random = new SplitMix64(12);
        for (int i = 0; i < 300; i++)
        {
            WeightRecipe recipe = recipes.Next();
            if (!LeftInverse.Determines(recipe))
            {
                continue;
            }

            var recovered = new RecoveredTensorData(recipe, HeldData.Of(new RecipeTensorData(recipe)));
            byte[] whole = HeldData.Of(recovered).Bytes;
            int from = random.Int(0, whole.Length - 1);
            byte[] piece = new byte[random.Int(1, whole.Length - from)];
            recovered.ReadBytes(from, piece);
            Assert.Equal(whole.AsSpan(from, piece.Length).ToArray(), piece);
        }
    }

    [Fact]
    public void Patches_lead_from_what_comes_back_to_the_source()
    {
        var recipes = new RandomRecipes(13);
        int patched = 0;
        for (int i = 0; i < 1000; i++)
        {
            WeightRecipe recipe = i % 2 == 0 ? recipes.Next() : recipes.NextWithInit();
            if (!LeftInverse.Determines(recipe))
            {
                continue;
            }

            var recovered = new RecoveredTensorData(recipe, HeldData.Of(GrownData.Of(recipe)));
            if (Patch.Between(recovered, recipe.Source) is { } patch)
            {
                Assert.False(LeftInverse.IsExact(recipe));
                Assert.Equal(((HeldData)recipe.Source).Bytes, HeldData.Of(Patch.Apply(recovered, patch)).Bytes);
                patched++;
            }
        }

        Assert.True(patched > 20, $"only {patched} patches");
    }

    [Theory]
    [InlineData(SplitStyle.Random)]
    [InlineData(SplitStyle.Equal)]
    public void Signs_of_zeros_and_what_is_not_finite_come_back(SplitStyle split)
    {
        double[] values = [-0.0, 0, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 1e-45, -3e38];
        var four = new AxisExpansion(7, [.. Enumerable.Range(0, 28).Select(i => i % 7)], []);
        foreach (AxisRole role in new[] { AxisRole.Reader, AxisRole.Writer, AxisRole.Gain })
        {
            foreach (double factor in new[] { 1, -0.5, 0.7 })
            {
                var source = new HeldData(ElementType.Float32, values);
                var recipe = new WeightRecipe { Name = "w", Source = source, SourceDims = [7], Axes = [new RecipeAxis(role, four)], Factor = factor, Split = split, Rules = [] };
                double[] found = HeldData.Of(new RecoveredTensorData(recipe, HeldData.Of(new RecipeTensorData(recipe)))).Values;
                for (int i = 0; i < 5; i++)
                {
                    Assert.Equal(BitConverter.DoubleToInt64Bits(source.Values[i]) >> 51, BitConverter.DoubleToInt64Bits(found[i]) >> 51);
                }
            }
        }
    }

    /// <summary>The roundings of the terms that are summed, over the coefficient, and of the result; with an offset, of the sums with it.</summary>
    private static double Bound(WeightRecipe recipe, double entry)
    {
        ElementType type = recipe.Source.ElementType;
        double unit = Math.ScaleB(1, -ElementTypes.SignificandBits(type));
        double subnormal = Math.ScaleB(1, ElementTypes.MinExponent(type));
        double coefficient = Math.Abs(RecipeLayout.CoefficientOf(recipe));
        double terms = recipe.Axes.Where(a => a.Role == AxisRole.Reader).Aggregate(1.0, (n, a) => n * a.Expansion.Copies.Max());
        double offset = Math.Abs(recipe.Offset) * (1 + (1 / coefficient));
        return (2.1 * unit * (Math.Abs(entry) + offset)) + (subnormal * (1 + (terms / coefficient)));
    }
}
