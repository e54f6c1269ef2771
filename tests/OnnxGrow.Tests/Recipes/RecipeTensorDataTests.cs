using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
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
        AxisRole[] roles = turned ? [AxisRole.Reader, AxisRole.Writer] : [AxisRole.Writer, AxisRole.Reader];
        recipe = recipe with { Axes = [.. recipe.Axes.Zip(roles, (axis, role) => axis with { Role = role })] };
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

    [Fact]
    public void Weights_of_more_axes_than_can_grow_are_named()
    {
        WeightRecipe Of(int rank) => new()
        {
            Name = "many",
            Source = new HeldData(ElementType.Float32, 3),
            SourceDims = [.. Enumerable.Repeat(1L, rank)],
            Axes = [.. Enumerable.Repeat(new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(1)), rank)],
            Rules = [],
        };
        Assert.Equal([3], HeldData.Doubles(new RecipeTensorData(Of(31))));
        string message = Assert.Throws<CannotGrowException>(() => new RecipeTensorData(Of(32))).Message;
        Assert.Contains("'many' has 32 axes, and weights of at most 31 can grow", message, StringComparison.Ordinal);
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
