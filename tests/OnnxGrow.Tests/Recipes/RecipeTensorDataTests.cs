using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.Testing;
using Xunit;

namespace OnnxGrow.Tests.Recipes;

public sealed class RecipeTensorDataTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_recipes_satisfy_the_equation_as_stored_and_before_rounding(ulong seed)
    {
        var recipes = new RandomRecipes(seed);
        var classes = new HashSet<Exactness>();
        for (int n = 0; n < 100; n++)
        {
            WeightRecipe recipe = recipes.Next();
            var grown = new RecipeTensorData(recipe);
            Exactness exactness = RecipeExactness.Of(recipe);
            classes.Add(exactness);
            Assert.True(new DenseCheck(recipe, HeldData.Of(grown).Values).Failures(exactness) == 0, $"{seed}/{n}: {recipe}");

            // Unrounded values of what is stored rounded are off by float64's rounding only.
            Assert.All(HeldData.Doubles(grown), v => Assert.True(double.IsFinite(v)));
        }

        Assert.Equal([Exactness.BitExact, Exactness.ExactWeights, Exactness.Rounded], classes.Order());
    }

    [Fact]
    public void Stored_bytes_are_the_doubles_rounded()
    {
        var recipes = new RandomRecipes(77);
        for (int n = 0; n < 100; n++)
        {
            var grown = new RecipeTensorData(recipes.Next());
            Assert.Equal(new HeldData(grown.ElementType, HeldData.Doubles(grown)).Values, HeldData.Of(grown).Values);
        }
    }

    [Fact]
    public void Pieces_of_any_size_give_the_same()
    {
        var random = new SplitMix64(5);
        var recipes = new RandomRecipes(6);
        for (int n = 0; n < 100; n++)
        {
            var grown = new RecipeTensorData(recipes.Next());
            byte[] whole = HeldData.Of(grown).Bytes;
            double[] doubles = HeldData.Doubles(grown);
            for (int piece = 0; piece < 20; piece++)
            {
                int first = random.Int(0, whole.Length);
                byte[] part = new byte[random.Int(0, Math.Min(whole.Length - first, 300))];
                grown.ReadBytes(first, part);
                Assert.Equal(whole[first..(first + part.Length)], part);

                first = random.Int(0, doubles.Length);
                double[] values = new double[random.Int(0, Math.Min(doubles.Length - first, 100))];
                grown.ReadDoubles(first, values);
                Assert.Equal(doubles[first..(first + values.Length)], values);
            }
        }
    }

    [Fact]
    public void Threads_give_the_same()
    {
        WeightRecipe recipe = Linear(ElementType.Float32, 300, 200, average: true);
        byte[] whole = HeldData.Of(new RecipeTensorData(recipe)).Bytes;
        var shared = new RecipeTensorData(recipe);
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, p =>
        {
            int first = p * 977 % whole.Length;
            byte[] part = new byte[Math.Min(50_003, whole.Length - first)];
            shared.ReadBytes(first, part);
            Assert.True(part.AsSpan().SequenceEqual(whole.AsSpan(first, part.Length)));
        });
    }

    [Theory]
    [InlineData(3, 9000, false)]
    [InlineData(3, 9000, true)]
    [InlineData(9000, 3, false)]
    [InlineData(9000, 3, true)]
    public void Axes_longer_than_a_block_are_no_different(int rows, int columns, bool turned)
    {
        WeightRecipe recipe = Linear(ElementType.Float16, rows, columns, average: true);
        recipe = turned ? recipe with { Axes = [new(AxisRole.Reader, recipe.Axes[0].Expansion), new(AxisRole.Writer, recipe.Axes[1].Expansion)] } : recipe;
        var grown = new RecipeTensorData(recipe);
        byte[] whole = HeldData.Of(grown).Bytes;
        byte[] pieces = new byte[whole.Length];
        for (int at = 0; at < whole.Length; at += 70_001)
        {
            grown.ReadBytes(at, pieces.AsSpan(at, Math.Min(70_001, whole.Length - at)));
        }

        Assert.True(whole.AsSpan().SequenceEqual(pieces));
        double[] values = new HeldData(ElementType.Float16, whole).Values;
        double[] source = HeldData.Doubles(recipe.Source);
        int width = (2 * columns) + 12;
        for (int k = 0; k < source.Length; k++)
        {
            (int i, int j) = (k / columns, k % columns);
            double sum = turned ? values[(i * width) + j] + values[((i + rows) * width) + j]
                : values[(i * width) + j] + values[(i * width) + columns + j];
            Assert.Equal(source[k], sum);
        }

        for (int k = 0; !turned && k < columns; k++)
        {
            double mean = Enumerable.Range(0, rows).Average(i => source[(i * columns) + k]);
            int row = 2 * rows * width;
            Assert.InRange(Math.Abs(values[row + k] + values[row + columns + k] - mean), 0, 1e-4);
        }
    }

    [Fact]
    public void Reading_outside_is_refused()
    {
        var grown = new RecipeTensorData(Linear(ElementType.Float32, 3, 4, average: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => grown.ReadDoubles(grown.Count - 1, new double[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => grown.ReadBytes(-1, new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => grown.ReadBytes(grown.ByteLength - 1, new byte[2]));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(5)]
    public void Infinities_and_NaN_stay_what_they_are(int width)
    {
        double[] values = [.. Enumerable.Range(1, width).Select(i => i / 8.0)];
        values[1] = double.NegativeInfinity;
        values[3] = double.NaN;
        var source = new HeldData(ElementType.Float32, values);
        source.Bytes[12] = 0x55;
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = source,
            SourceDims = [width],
            Axes = [new RecipeAxis(AxisRole.Writer, Tiled(width, 2, 0))],
            Rules = [],
        };
        HeldData copied = HeldData.Of(new RecipeTensorData(recipe));
        if (width >= 32)
        {
            Assert.Equal([.. source.Bytes, .. source.Bytes], copied.Bytes);
        }

        foreach (SplitStyle split in Enum.GetValues<SplitStyle>())
        {
            WeightRecipe reader = recipe with { Axes = [new RecipeAxis(AxisRole.Reader, Tiled(width, 2, 0))], Split = split };
            double[] shares = HeldData.Of(new RecipeTensorData(reader)).Values;
            Assert.Equal(double.NegativeInfinity, shares[1]);
            Assert.Equal(0, shares[1 + width]);
            Assert.True(double.IsNaN(shares[3]));
            Assert.Equal(0, shares[3 + width]);
        }
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void Shares_differ_between_copies_rows_and_names(ElementType type)
    {
        WeightRecipe recipe = Linear(type, 64, 64, average: false);
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
        WeightRecipe recipe = Linear(ElementType.Float32, 16, 16, average: false) with { Factor = 0.3 };
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
        WeightRecipe recipe = Linear(type, 32, 8, average: true);
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
        WeightRecipe recipe = Linear(ElementType.Float32, 100, 50, average: false) with { Free = FreeFill.Random };
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

    [Fact]
    public void Averages_of_values_that_cancel_are_exact()
    {
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(ElementType.Float64, 1e16, 1, -1e16, 1),
            SourceDims = [4],
            Axes = [new RecipeAxis(AxisRole.Writer, new AxisExpansion(4, [0, 1, 2, 3, -2], [new AverageBlock(0, 4)]))],
            Rules = [],
        };
        Assert.Equal(0.5, HeldData.Doubles(new RecipeTensorData(recipe))[4]);
    }

    [Fact]
    public void What_no_weight_can_do_is_refused()
    {
        WeightRecipe recipe = Linear(ElementType.Float32, 4, 4, average: false);
        AxisExpansion averages = new(4, [0, 1, 2, 3, -2], [new AverageBlock(0, 4)]);
        AxisExpansion lacks = new(4, [0, 1, 2], []);
        Assert.Throws<CannotGrowException>(() => Grow(AxisRole.Gain, averages));
        Assert.Throws<CannotGrowException>(() => Grow(AxisRole.Reader, lacks));
        Assert.Throws<ArgumentException>(() => Grow(AxisRole.Keep, averages));
        Assert.Throws<ArgumentException>(() => Grow(AxisRole.Writer, AxisExpansion.Identity(5)));
        Assert.Throws<CannotGrowException>(() => new RecipeTensorData(recipe with
        {
            Source = new HeldData(ElementType.Int32, new byte[64]),
        }));

        object Grow(AxisRole role, AxisExpansion expansion) =>
            new RecipeTensorData(recipe with { Axes = [recipe.Axes[0], new RecipeAxis(role, expansion)] });
    }

    /// <summary>A matrix whose rows and columns double, with a tail of 12 more: the rows' an average or zero, the columns' free.</summary>
    internal static WeightRecipe Linear(ElementType type, int rows, int columns, bool average)
    {
        var random = new SplitMix64(11);
        return new WeightRecipe
        {
            Name = "linear",
            Source = new HeldData(type, [.. Enumerable.Range(0, rows * columns).Select(_ => random.Normal() * 0.02)]),
            SourceDims = [rows, columns],
            Axes =
            [
                new RecipeAxis(AxisRole.Writer, Tiled(rows, 2, average ? -2 : AxisExpansion.Zero)),
                new RecipeAxis(AxisRole.Reader, Tiled(columns, 2, AxisExpansion.Zero)),
            ],
            Seed = 3,
            Rules = [],
        };
    }

    private static AxisExpansion Tiled(int source, int copies, int tail)
    {
        IEnumerable<int> map = Enumerable.Range(0, copies * source).Select(j => j % source);
        return tail == 0
            ? new AxisExpansion(source, [.. map], [])
            : new AxisExpansion(source, [.. map, .. Enumerable.Repeat(tail, 12)], [new AverageBlock(0, source)]);
    }
}
