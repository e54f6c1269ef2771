using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.Tests.Recipes;
using Xunit;

namespace OnnxGrow.Tests.Certificate;

public sealed class WeightCertificateTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Random_recipes_pass(ulong seed)
    {
        var recipes = new RandomRecipes(seed);
        for (int n = 0; n < 200; n++)
        {
            WeightRecipe recipe = recipes.Next();
            WeightCertificateResult result = WeightCertificate.Check(recipe, new RecipeTensorData(recipe));
            Assert.True(result.Passed, $"{seed}/{n}: {result.Text}: {recipe}");
            Assert.Equal(RecipeExactness.Of(recipe), result.Class);
            Assert.Equal(recipe.TargetDims.Aggregate(1L, (a, b) => a * b), result.EntriesChecked);
            Assert.True(result.MaxResidual <= result.Bound);
            Assert.Empty(result.FirstOffending);
        }
    }

    [Fact]
    public void An_entry_off_by_a_thousandth_fails_wherever_the_dense_check_fails()
    {
        var recipes = new RandomRecipes(21);
        int caught = 0;
        for (int n = 0; n < 300; n++)
        {
            WeightRecipe recipe = recipes.Next();
            HeldData grown = HeldData.Of(new RecipeTensorData(recipe));
            double[] values = grown.Values;
            int at = n * 7919 % values.Length;
            values[at] += 1e-3 + Math.Abs(values[at] / 8);
            var mutated = new HeldData(grown.ElementType, values);
            int failures = new DenseCheck(recipe, mutated.Values).Failures(RecipeExactness.Of(recipe));
            WeightCertificateResult result = WeightCertificate.Check(recipe, mutated);
            Assert.True(failures == 0 == result.Passed, $"{n}, element {at}: {result.Text}: {recipe}");
            caught += failures > 0 ? 1 : 0;
        }

        Assert.InRange(caught, 150, 299);
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void One_unit_in_the_last_place_fails_in_exact_classes(ElementType type)
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(type, 20, 10, average: false);
        foreach (SplitStyle split in Enum.GetValues<SplitStyle>())
        {
            WeightRecipe styled = recipe with { Split = split };
            HeldData grown = HeldData.Of(new RecipeTensorData(styled));
            Assert.True(WeightCertificate.Check(styled, grown).Passed);
            int size = ElementTypes.Bits(type) / 8;
            for (int at = 0; at < grown.Bytes.Length; at += size * 7)
            {
                bool free = at / size % 32 >= 20;
                grown.Bytes[at] ^= 1;
                WeightCertificateResult result = WeightCertificate.Check(styled, grown);
                bool tail = at / size / 32 >= 40;
                Assert.Equal(free, result.Passed);
                if (!free)
                {
                    // Of the entries that share a source entry, the first is named.
                    Assert.Equal(new long[] { at / size / 32, at / size % 32 % 10 }, result.FirstOffending);
                    Assert.Contains($"[{result.FirstOffending[0]}, {result.FirstOffending[1]}]", result.Text, StringComparison.Ordinal);
                    Assert.True(result.MaxResidual > 0 && result.Bound == 0 && (tail || result.MaxResidual < 0.01));
                }

                grown.Bytes[at] ^= 1;
            }
        }
    }

    [Fact]
    public void Two_units_in_the_last_place_fail_in_averaged_rows()
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(ElementType.Float32, 20, 10, average: true);
        HeldData grown = HeldData.Of(new RecipeTensorData(recipe));
        WeightCertificateResult result = WeightCertificate.Check(recipe, grown);
        Assert.True(result is { Passed: true, Class: Exactness.Rounded, MaxResidual: > 0 });
        Assert.True(result.MaxResidual < 1e-9);

        double[] values = grown.Values;
        int at = 45 * 32;
        values[at] = Math.BitIncrement(Math.BitIncrement((float)Math.Max(Math.Abs(values[at]), Math.Abs(values[at + 10])) * 4));
        Assert.False(WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values)).Passed);
    }

    [Fact]
    public void Swapped_copies_of_two_sources_fail()
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(ElementType.BFloat16, 20, 10, average: false);
        double[] values = HeldData.Of(new RecipeTensorData(recipe)).Values;
        (values[3], values[4]) = (values[4], values[3]);
        WeightCertificateResult result = WeightCertificate.Check(recipe, new HeldData(ElementType.BFloat16, values));
        Assert.False(result.Passed);
        Assert.Equal(new long[] { 0, 3 }, result.FirstOffending);

        // Shares of the same source entry may be swapped.
        values = HeldData.Of(new RecipeTensorData(recipe)).Values;
        (values[3], values[13]) = (values[13], values[3]);
        Assert.True(WeightCertificate.Check(recipe, new HeldData(ElementType.BFloat16, values)).Passed);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Free_entries_are_not_compared_but_must_be_finite(double bad)
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(ElementType.Float32, 6, 5, average: false);
        double[] values = HeldData.Of(new RecipeTensorData(recipe)).Values;
        values[12] = 1234;
        Assert.True(WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values)).Passed);
        values[12] = bad;
        WeightCertificateResult result = WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values));
        Assert.False(result.Passed);
        Assert.Equal(new long[] { 0, 12 }, result.FirstOffending);

        // The same with the axes the other way round.
        recipe = recipe with { SourceDims = [5, 6], Axes = [recipe.Axes[1], recipe.Axes[0]] };
        values = HeldData.Of(new RecipeTensorData(recipe)).Values;
        values[(12 * 24) + 1] = bad;
        result = WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values));
        Assert.False(result.Passed);
        Assert.Equal(new long[] { 12, 1 }, result.FirstOffending);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Free_gains_must_be_finite(bool last)
    {
        var gain = new RecipeAxis(AxisRole.Gain, new AxisExpansion(2, [0, 1, -1], []));
        var keep = new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(2));
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(ElementType.Float32, 1, 2, 3, 4),
            SourceDims = [2, 2],
            Axes = last ? [keep, gain] : [gain, keep],
            Rules = [],
        };
        double[] values = HeldData.Of(new RecipeTensorData(recipe)).Values;
        int at = last ? 2 : 4;
        values[at] = 7;
        Assert.True(WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values)).Passed);
        values[at] = double.NegativeInfinity;
        WeightCertificateResult result = WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values));
        Assert.False(result.Passed);
        Assert.Equal(last ? new long[] { 0, 2 } : [2, 0], result.FirstOffending);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Entries_that_are_not_finite_must_be_so_in_the_source(double bad)
    {
        WeightRecipe clean = RecipeTensorDataTests.Linear(ElementType.Float32, 6, 5, average: false);
        double[] source = HeldData.Doubles(clean.Source);
        source[7] = bad;
        WeightRecipe dirty = clean with { Source = new HeldData(ElementType.Float32, source) };
        HeldData grown = HeldData.Of(new RecipeTensorData(dirty));
        Assert.True(WeightCertificate.Check(dirty, grown).Passed);
        WeightCertificateResult result = WeightCertificate.Check(clean, grown);
        Assert.False(result.Passed);
        Assert.Equal(double.PositiveInfinity, result.MaxResidual);
        Assert.Equal(new long[] { 1, 2 }, result.FirstOffending);
        Assert.False(WeightCertificate.Check(dirty, HeldData.Of(new RecipeTensorData(clean))).Passed);

        // Not the one for the other either, nor the other sign.
        double[] values = grown.Values;
        values[(1 * 22) + 2] = double.IsNaN(bad) ? double.NegativeInfinity : double.PositiveInfinity;
        Assert.False(WeightCertificate.Check(dirty, new HeldData(ElementType.Float32, values)).Passed);
    }

    [Fact]
    public void A_factor_that_overflows_the_stored_type_fails()
    {
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(ElementType.Float16, 1, 40000),
            SourceDims = [2],
            Axes = [new RecipeAxis(AxisRole.Gain, AxisExpansion.Identity(2))],
            Factor = 2,
            Rules = [],
        };
        WeightCertificateResult result = WeightCertificate.Check(recipe, new RecipeTensorData(recipe));
        Assert.False(result.Passed);
        Assert.Equal(new long[] { 1 }, result.FirstOffending);
        Assert.False(Check(ElementType.Float64, double.MaxValue));
        Assert.True(Check(ElementType.Float64, double.MaxValue / 2));

        bool Check(ElementType type, double value)
        {
            WeightRecipe other = recipe with { Source = new HeldData(type, 1, value) };
            return WeightCertificate.Check(other, new RecipeTensorData(other)).Passed;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Readers_of_averages_may_hold_anything_that_the_algebra_allows(bool last)
    {
        // P carries (a, b) as (a, b, (a+b)/2). Any z in the third column is made good by -z/2 in the first two.
        var reader = new RecipeAxis(AxisRole.Reader, new AxisExpansion(2, [0, 1, -2], [new AverageBlock(0, 2)]));
        var other = new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(2));
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = last ? new HeldData(ElementType.Float32, 1, 2, 3, 4) : new HeldData(ElementType.Float32, 1, 3, 2, 4),
            SourceDims = [2, 2],
            Axes = last ? [other, reader] : [reader, other],
            Rules = [],
        };
        double[] good = last ? [-3, -2, 8, 3.5, 4.5, -1] : [-3, 3.5, -2, 4.5, 8, -1];
        var check = new DenseCheck(recipe, good);
        Assert.Equal(0, check.Failures(Exactness.ExactWeights));
        Assert.True(WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, good)).Passed);
        good[last ? 2 : 4] = 8.5;
        WeightCertificateResult result = WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, good));
        Assert.False(result.Passed);
        Assert.Equal(0.25, result.MaxResidual);
    }

    [Fact]
    public void Tiny_and_huge_terms_that_float64_cannot_add_are_not_taken_for_zero()
    {
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(ElementType.Float64, 1),
            SourceDims = [1],
            Axes = [new RecipeAxis(AxisRole.Reader, new AxisExpansion(1, [0, 0, 0, 0], []))],
            Rules = [],
        };
        Assert.True(Check(1e30, 1, -1e30, 0));
        Assert.False(Check(1e30, 1, -1e30, 1e-30));
        Assert.False(Check(1e300, 1, -1e300, 1e-300));
        Assert.False(Check(1, 1e-80, 1e-160, -1e-80));

        bool Check(params double[] grown) => WeightCertificate.Check(recipe, new HeldData(ElementType.Float64, grown)).Passed;
    }

    [Fact]
    public void The_wrong_size_type_or_bytes_fail()
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(ElementType.Float32, 2, 2, average: false);
        Assert.False(WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, 1, 2)).Passed);
        Assert.False(WeightCertificate.Check(recipe, new HeldData(ElementType.Float16, new byte[2 * 16 * 16])).Passed);

        var integers = new WeightRecipe
        {
            Name = "i",
            Source = new HeldData(ElementType.Int32, new byte[] { 1, 2, 3, 4 }),
            SourceDims = [1],
            Axes = [new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(1))],
            Rules = [],
        };
        Assert.True(WeightCertificate.Check(integers, new RecipeTensorData(integers)).Passed);
        Assert.False(WeightCertificate.Check(integers, new HeldData(ElementType.Int32, new byte[] { 1, 2, 0, 4 })).Passed);
    }
}
