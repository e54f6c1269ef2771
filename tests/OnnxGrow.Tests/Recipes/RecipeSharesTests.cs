using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Recipes;

public sealed class RecipeSharesTests
{
    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void Shares_differ_between_copies_rows_and_names(ElementType type)
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(type, 64, 64, average: false);
        double[] w = HeldData.Of(new RecipeTensorData(recipe)).Values;
        double[] other = HeldData.Of(new RecipeTensorData(recipe with { Name = "another" })).Values;
        double copies = 0;
        double rows = 0;
        double names = 0;
        for (int i = 0; i < 64; i++)
        {
            for (int j = 0; j < 64; j++)
            {
                double entry = w[(i * 140) + j] + w[(i * 140) + 64 + j];
                copies += Different(w[(i * 140) + j], w[(i * 140) + 64 + j], entry);
                rows += Different(w[(i * 140) + j], w[((i + 64) * 140) + j], entry);
                names += Different(w[(i * 140) + j], other[(i * 140) + j], entry);
            }
        }

        // The difference of u and 1-u is 1/2 on average; that of two independent ones 1/3.
        Assert.InRange(copies / 4096, 0.45, 0.55);
        Assert.InRange(rows / 4096, 0.28, 0.38);
        Assert.InRange(names / 4096, 0.28, 0.38);

        static double Different(double a, double b, double entry) => Math.Abs(a - b) / Math.Abs(entry);
    }

    [Fact]
    public void Shares_lie_on_the_grid_of_their_entry_even_where_its_factor_rounds()
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(ElementType.Float32, 16, 16, average: false) with { Factor = 0.3 };
        var grown = new RecipeTensorData(recipe);
        double[] exact = HeldData.Doubles(grown);
        double[] source = HeldData.Doubles(recipe.Source);
        for (int i = 0; i < 16; i++)
        {
            for (int j = 0; j < 16; j++)
            {
                double first = exact[(i * 44) + j];
                Assert.Equal((float)first, first);
                Assert.Equal(0.3 * source[(i * 16) + j], first + exact[(i * 44) + 16 + j]);
            }
        }
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Zero_sum_shares_cancel_in_the_stored_type_in_any_order(ElementType type)
    {
        var expansion = new AxisExpansion(8, [.. Enumerable.Range(0, 24).Select(j => j % 8)], []);
        WeightRecipe recipe = RecipeTensorDataTests.Linear(type, 32, 8, average: true);
        recipe = recipe with { Axes = [recipe.Axes[0], new RecipeAxis(AxisRole.Reader, expansion)], Factor = 0, ZeroSum = true };
        double[] w = HeldData.Of(new RecipeTensorData(recipe)).Values;
        double squares = 0;
        for (int row = 0; row < w.Length / 24; row++)
        {
            for (int i = 0; i < 8; i++)
            {
                double a = w[(row * 24) + i];
                double b = w[(row * 24) + 8 + i];
                double c = w[(row * 24) + 16 + i];
                Assert.Equal(0, ElementTypes.Round(type, ElementTypes.Round(type, a + b) + c));
                Assert.Equal(0, ElementTypes.Round(type, ElementTypes.Round(type, c + a) + b));
                squares += a * a;
            }
        }

        // Of the size of the source, shared by three.
        double size = Math.Sqrt(HeldData.Doubles(recipe.Source).Average(x => x * x));
        Assert.InRange(Math.Sqrt(squares / (w.Length / 3)), size / 3 * 0.8, size / 3 * 1.2);
        Assert.All(HeldData.Of(new RecipeTensorData(recipe with { ZeroSum = false })).Bytes, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Free_entries_are_random_of_the_source_s_size_or_zero()
    {
        WeightRecipe recipe = RecipeTensorDataTests.Linear(ElementType.Float32, 100, 50, average: false) with { Free = FreeFill.Random };
        double[] random = HeldData.Of(new RecipeTensorData(recipe)).Values;
        double[] zero = HeldData.Of(new RecipeTensorData(recipe with { Free = FreeFill.Zero })).Values;
        double size = Math.Sqrt(HeldData.Doubles(recipe.Source).Average(x => x * x));
        int width = (2 * 50) + 12;
        double[] free = [.. Enumerable.Range(0, 200 * 12).Select(k => random[(k / 12 * width) + 100 + (k % 12)])];
        Assert.InRange(Math.Sqrt(free.Average(x => x * x)), size * 0.95, size * 1.05);
        Assert.Equal(free.Length, free.Distinct().Count());
        Assert.All(Enumerable.Range(0, 200 * 12), k => Assert.Equal(0, zero[(k / 12 * width) + 100 + (k % 12)]));

        // A zero row of a writer stays zero where a free column meets it.
        Assert.All(random[(200 * width)..], x => Assert.Equal(0, x));
    }

    [Fact]
    public void Free_gains_stay_within_the_common_factor_and_ones_stay_ones()
    {
        var axis = new RecipeAxis(AxisRole.Gain, new AxisExpansion(4, [0, 1, 2, 3, -1, -1, -1, -1, -1, -1], []));
        var recipe = new WeightRecipe
        {
            Name = "gain",
            Source = new HeldData(ElementType.Float32, 1.5, 2, 3, 4),
            SourceDims = [4],
            Axes = [axis],
            Factor = 0.5,
            Rules = [],
        };
        double[] gain = HeldData.Of(new RecipeTensorData(recipe)).Values;
        Assert.Equal([0.75, 1, 1.5, 2], gain[..4]);
        Assert.All(gain[4..], g => Assert.InRange(Math.Abs(g), 1e-6, 0.5));
        Assert.Equal(6, gain[4..].Distinct().Count());

        double[] gemma = HeldData.Of(new RecipeTensorData(recipe with { Offset = 1 })).Values;
        Assert.Equal([0.25, 0.5, 1, 1.5], gemma[..4]);
        Assert.All(gemma[4..], g => Assert.InRange(g, -1.5, -0.5));

        Assert.All(HeldData.Of(new RecipeTensorData(recipe with { Factor = 0, Offset = -1 })).Values, g => Assert.Equal(1, g));
    }
}
