using OnnxGrow.Certificate;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Tests.Recipes;
using Xunit;

namespace OnnxGrow.Tests.Certificate;

/// <summary>The certificate's short way for copies and shares says what the long way says.</summary>
public sealed class ShortWayTests
{
    public static TheoryData<ElementType> Types =>
        [ElementType.Float32, ElementType.Float16, ElementType.BFloat16, ElementType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void Copies_and_shares_pass_either_way(ElementType type)
    {
        var recipes = new PlainRecipes(31);
        int shorter = 0;
        for (int n = 0; n < 300; n++)
        {
            WeightRecipe recipe = recipes.Next(type);
            HeldData grown = HeldData.Of(new RecipeTensorData(recipe));
            WeightCertificateResult result = AssertSame(recipe, grown, $"{n}");
            Assert.True(result.Passed, $"{n}: {result.Text}");
            shorter += HoldsShortly(recipe, grown) ? 1 : 0;
        }

        Assert.InRange(shorter, 150, 300);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void One_changed_bit_anywhere_is_the_same_finding_either_way(ElementType type)
    {
        var recipes = new PlainRecipes(32);
        var random = new SplitMix64(33);
        int failed = 0;
        for (int n = 0; n < 100; n++)
        {
            WeightRecipe recipe = recipes.Next(type);
            HeldData grown = HeldData.Of(new RecipeTensorData(recipe));
            int[] bytes = [0, grown.Bytes.Length - 1, .. Enumerable.Range(0, 8).Select(_ => random.Int(0, grown.Bytes.Length - 1))];
            foreach (int at in bytes)
            {
                byte bit = (byte)(1 << random.Int(0, 7));
                grown.Bytes[at] ^= bit;
                failed += AssertSame(recipe, grown, $"{n}, byte {at}, bit {bit}").Passed ? 0 : 1;
                grown.Bytes[at] ^= bit;
            }
        }

        // The others change an entry that meets a zero, or the sign of a zero.
        Assert.InRange(failed, 700, 999);
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Recipes_of_every_shape_give_the_same_either_way(ulong seed)
    {
        var recipes = new RandomRecipes(seed);
        var random = new SplitMix64(seed);
        for (int n = 0; n < 300; n++)
        {
            WeightRecipe recipe = recipes.Next();
            HeldData grown = HeldData.Of(new RecipeTensorData(recipe));
            AssertSame(recipe, grown, $"{seed}/{n}");
            grown.Bytes[random.Int(0, grown.Bytes.Length - 1)] ^= (byte)(1 << random.Int(0, 7));
            AssertSame(recipe, grown, $"{seed}/{n}, changed");
        }
    }

    public static TheoryData<ElementType, int, bool> Ways
    {
        get
        {
            var ways = new TheoryData<ElementType, int, bool>();
            foreach (ElementType type in new[] { ElementType.Float32, ElementType.Float16, ElementType.BFloat16, ElementType.Float64 })
            {
                foreach (int copies in new[] { 1, 2, 4 })
                {
                    ways.Add(type, copies, false);
                    ways.Add(type, copies, true);
                }
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_lowest_bit_of_any_element_counts(ElementType type, int copies, bool last)
    {
        // 37 is no multiple of any number of lanes; the elements are all different from zero.
        WeightRecipe recipe = Tiled(type, 5, 37, copies, last, i => 1 + (i / 8.0));
        HeldData grown = HeldData.Of(new RecipeTensorData(recipe));
        Assert.True(HoldsShortly(recipe, grown));
        Assert.True(WeightCertificate.Check(recipe, grown).Passed);
        int size = ElementTypes.Bits(type) / 8;
        for (int at = 0; at < grown.Count; at++)
        {
            grown.Bytes[at * size] ^= 1;
            WeightCertificateResult result = WeightCertificate.Check(recipe, grown);
            Assert.False(result.Passed, $"element {at}");
            Assert.Equal(WeightCertificate.Check(recipe, grown, shortWay: false).FirstOffending.ToArray(), result.FirstOffending.ToArray());
            grown.Bytes[at * size] ^= 1;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Elements_that_are_not_finite_or_subnormal_or_negative_zero_are_told_apart(ElementType type, int copies, bool last)
    {
        double subnormal = Math.ScaleB(1, ElementTypes.MinExponent(type));
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, subnormal, -subnormal, 0, -0.0, 1];
        foreach (double from in special)
        {
            WeightRecipe recipe = Tiled(type, 2, 37, copies, last, i => i is 3 or 36 or 40 ? from : 1 + (i / 8.0));
            HeldData good = HeldData.Of(new RecipeTensorData(recipe));
            AssertSame(recipe, good, $"{from}");
            foreach (double to in special)
            {
                foreach (int at in new[] { 3, 36, 40 })
                {
                    double[] values = good.Values;
                    values[at] = to;
                    var changed = new HeldData(type, values);
                    WeightCertificateResult result = AssertSame(recipe, changed, $"{from} to {to} at {at}");
                    if (copies == 1)
                    {
                        Assert.Equal(to.Equals(from) || to == from, result.Passed);
                    }
                    else if (!double.IsFinite(to) && double.IsFinite(from))
                    {
                        Assert.False(result.Passed);
                    }
                }
            }
        }
    }

    [Fact]
    public void What_meets_a_zero_must_be_finite_in_all_lanes()
    {
        int[] map = [.. Enumerable.Range(0, 40), .. Enumerable.Repeat(AxisExpansion.Zero, 21)];
        WeightRecipe recipe = Tiled(ElementType.Float32, 3, 40, 1, last: true, i => i + 1) with
        {
            Axes = [new(AxisRole.Keep, AxisExpansion.Identity(3)), new(AxisRole.Reader, new AxisExpansion(40, map, []))],
        };
        double[] values = HeldData.Of(new RecipeTensorData(recipe)).Values;
        for (int at = 40; at < 61; at++)
        {
            double before = values[61 + at];
            values[61 + at] = 1e30;
            Assert.True(WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values)).Passed);
            values[61 + at] = double.NaN;
            WeightCertificateResult result = WeightCertificate.Check(recipe, new HeldData(ElementType.Float32, values));
            Assert.False(result.Passed);
            Assert.Equal(new long[] { 1, at }, result.FirstOffending);
            values[61 + at] = before;
        }
    }

    /// <summary>Rows whose first or last axis is read in so many copies; with one copy, both axes are written twice.</summary>
    private static WeightRecipe Tiled(ElementType type, int rows, int width, int copies, bool last, Func<int, double> element)
    {
        RecipeAxis Read(int extent) => new(copies > 1 ? AxisRole.Reader : AxisRole.Writer, Times(extent, copies == 1 && last ? 2 : copies));
        RecipeAxis Written(int extent) => new(AxisRole.Writer, Times(extent, copies == 1 && !last ? 2 : 1));
        return new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(type, [.. Enumerable.Range(0, rows * width).Select(element)]),
            SourceDims = [rows, width],
            Axes = last ? [Written(rows), Read(width)] : [Read(rows), Written(width)],
            Split = SplitStyle.Equal,
            Rules = [],
        };
    }

    private static AxisExpansion Times(int extent, int times) =>
        new(extent, [.. Enumerable.Range(0, times).SelectMany(_ => Enumerable.Range(0, extent))], []);

    private static WeightCertificateResult AssertSame(WeightRecipe recipe, TensorData grown, string which)
    {
        WeightCertificateResult shortly = WeightCertificate.Check(recipe, grown, shortWay: true);
        WeightCertificateResult longly = WeightCertificate.Check(recipe, grown, shortWay: false);
        Assert.True(shortly.Text == longly.Text, $"{which}: '{shortly.Text}', the long way '{longly.Text}': {recipe}");
        Assert.Equal(longly.Passed, shortly.Passed);
        Assert.Equal(longly.MaxResidual, shortly.MaxResidual);
        Assert.Equal(longly.Bound, shortly.Bound);
        Assert.Equal(longly.FirstOffending.ToArray(), shortly.FirstOffending.ToArray());
        return shortly;
    }

    /// <summary>Whether the short way finds that the first rows hold.</summary>
    private static bool HoldsShortly(WeightRecipe recipe, TensorData grown)
    {
        CheckedAxis[] axes = CheckedAxis.Of(recipe);
        return ExactRows.Of(recipe, axes, grown, 1) is { } rows && rows.Holding(new int[axes.Length - 1]) > 0;
    }
}
