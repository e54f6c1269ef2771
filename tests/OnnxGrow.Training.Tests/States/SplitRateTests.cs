using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.States;
using Xunit;

namespace OnnxGrow.Training.Tests.States;

/// <summary>With rates of 1/m, the sum of m copies of a column moves as far as the column did in the small model.</summary>
public sealed class SplitRateTests
{
    private const double Rate = 1e-3;

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", 96, null, null, true)]
    [InlineData("gpt2-mini-op17.onnx", 112, null, null, false)]
    [InlineData("gpt2-mini-op17.onnx", null, 7, 250, true)]
    [InlineData("bert-mini-op17.onnx", 96, null, null, true)]
    [InlineData("bert-mini-op17.onnx", null, 7, 250, true)]
    public void The_sum_of_split_columns_moves_as_far_as_the_source_column(string file, int? hidden, int? heads, int? ffn, bool whole)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = hidden, Heads = heads, Ffn = ffn, Method = "net2net" }));
        PlanMetadata.SetSourceGraph(grown);
        IReadOnlyDictionary<string, RelativeRate> rates = SplitRates.Of(grown.Model);
        IReadOnlyDictionary<string, RuntimeTensor> inputs = ExampleInputs.Of(source);
        using var small = new MomentRecursion(source, inputs);
        using var large = new MomentRecursion(grown.Model, inputs);
        long classes = small.OutputDims[^1];
        Dictionary<string, double[]> before = Step(small, inputs, classes, new Dictionary<string, RelativeRate>());
        Dictionary<string, double[]> after = Step(large, inputs, classes, rates);
        double floor = 1e-5 * small.Moments.Values.Max(m => m.Mean.Max(Math.Abs));
        int split = 0;
        foreach (GrownWeight weight in grown.Weights.Where(w => w.Name == w.SourceName && after.ContainsKey(w.Name)))
        {
            RecipeAxis[] axes = [.. weight.Recipe!.Axes];
            bool isSplit = axes.Any(a => a.Role == AxisRole.Reader && a.Expansion.Copies.Any(c => c > 1));
            Assert.Equal(isSplit, rates.ContainsKey(weight.Name));

            // Beside whole copies, what comes back to the stream is not the source's: only what reads it is compared.
            if (!whole && axes.Any(a => a.Role is not (AxisRole.Reader or AxisRole.Keep) && !a.Expansion.Blocks.IsEmpty))
            {
                continue;
            }

            Agree(weight.Name, axes, before[weight.Name], after[weight.Name], small.Moments[weight.Name].Mean, floor);
            split += isSplit ? 1 : 0;
        }

        Assert.True(split >= 4, $"{split} split weights were compared");
    }

    [Fact]
    public void Columns_of_three_copies_and_of_two_have_their_own_rates_and_averages_the_whole()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Heads = 7, Ffn = 250, Hidden = 112, Method = "net2net" }));
        PlanMetadata.SetSourceGraph(grown);
        IReadOnlyDictionary<string, RelativeRate> rates = SplitRates.Of(grown.Model);
        var reached = new HashSet<double>();
        foreach (GrownWeight weight in grown.Weights.Where(w => rates.ContainsKey(w.Name)))
        {
            foreach ((RecipeAxis axis, int a) in weight.Recipe!.Axes.Select((axis, a) => (axis, a)).Where(x => x.axis.Role == AxisRole.Reader))
            {
                for (int j = 0; j < axis.Expansion.Target; j++)
                {
                    int[] index = new int[weight.Recipe.Axes.Length];
                    index[a] = j;
                    int from = axis.Expansion.Map[j];
                    double expected = from >= 0 ? 1.0 / axis.Expansion.Copies[from] : 1;
                    Assert.Equal(expected, rates[weight.Name].At(index));
                    reached.Add(expected);
                }
            }
        }

        Assert.Equal([1.0 / 3, 0.5, 1], reached.Order());
        Assert.DoesNotContain("transformer.wte.weight", rates.Keys);
        Assert.DoesNotContain("transformer.h.0.ln_1.weight", rates.Keys);
    }

    [Fact]
    public void A_model_without_a_plan_or_without_its_sources_graph_is_refused()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        Assert.Contains("holds no plan", Assert.Throws<BadInputException>(() => SplitRates.Of(source)).Message, StringComparison.Ordinal);
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 96 }));
        Assert.Contains("not the source's graph", Assert.Throws<BadInputException>(() => SplitRates.Of(grown.Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recipe_asks_for_it_and_not_with_muon()
    {
        const string Recipe = "data: {kind: images, files: a, labels: b, batch: 2}\nsteps: 1\noptimizer: {kind: KIND, split_rate: true}\n";
        Assert.True(TrainingRecipe.Parse(Recipe.Replace("KIND", "lion", StringComparison.Ordinal), "r").SplitRate);
        Assert.Contains("orthogonal", Assert.Throws<BadInputException>(() => TrainingRecipe.Parse(Recipe.Replace("KIND", "muon", StringComparison.Ordinal), "r")).Message, StringComparison.Ordinal);
    }

    /// <summary>What one step of Adam adds to each weight.</summary>
    private static Dictionary<string, double[]> Step(
        MomentRecursion model, IReadOnlyDictionary<string, RuntimeTensor> inputs, long classes, IReadOnlyDictionary<string, RelativeRate> rates)
    {
        var random = new Random(5);
        long[] dims = model.OutputDims;
        double[] numbers = new double[dims.Aggregate(1L, (n, d) => n * d)];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i % dims[^1] < classes ? (2 * random.NextDouble()) - 1 : 0;
        }

        model.Step(inputs, numbers);
        Parameter[] parameters = [.. model.Parameters];

        // A larger epsilon would count differently beside gradients that are shares. Weights of zero keep decay out of it.
        var options = new UpdateOptions { Optimizer = new AdamW(Epsilon: 1e-30), WeightDecay = 0.1, Rates = rates };
        using OptimizerGraph graph = options.GraphOf(parameters, ElementType.Float64);
        var given = new Dictionary<string, RuntimeTensor> { [OptimizerGraph.Rate] = RuntimeTensor.FromDoubles(ElementType.Float64, [], [Rate]) };
        foreach ((string name, double value) in options.NumbersAt(1))
        {
            given[name] = RuntimeTensor.FromDoubles(ElementType.Float64, [], [value]);
        }

        foreach (Parameter p in parameters)
        {
            RuntimeTensor Of(double[] values) => RuntimeTensor.FromDoubles(ElementType.Float64, p.Dims, values);
            given[p.Name] = given[p.Name + "/exp_avg"] = given[p.Name + "/exp_avg_sq"] = Of(new double[p.Count]);
            given[TrainingGraph.GradientOf(p.Name)] = Of([.. model.Moments[p.Name].Mean.Select(m => m / 0.1)]);
        }

        using var session = new OrtSession(graph.Model, new OrtSessionOptions { Optimization = GraphOptimization.None });
        IReadOnlyDictionary<string, RuntimeTensor> next = session.Run(given);
        return parameters.ToDictionary(p => p.Name, p => next[p.Name + "/next"].ToDoubles(), StringComparer.Ordinal);
    }

    /// <summary>Sums what copies of columns have moved, for each row, against the column of the source.</summary>
    private static void Agree(string name, RecipeAxis[] axes, double[] source, double[] grown, double[] gradient, double floor)
    {
        // By row of the grown weight and column of the source; what reads an average is no copy of a column.
        var sums = new Dictionary<(long Row, long Entry), double>();
        for (long i = 0; i < grown.Length; i++)
        {
            (long rest, long entry, long row, long stride, long rows) = (i, 0, 0, 1, 1);
            bool copy = true;
            foreach (RecipeAxis axis in axes.Reverse())
            {
                int index = (int)(rest % axis.Expansion.Target);
                rest /= axis.Expansion.Target;
                int from = axis.Expansion.Map[index];
                copy &= from >= 0;
                entry += stride * from;
                stride *= axis.Expansion.Source;
                row += rows * (axis.Role == AxisRole.Reader ? 0 : index);
                rows *= axis.Expansion.Target;
            }

            if (copy)
            {
                sums[(row, entry)] = sums.GetValueOrDefault((row, entry)) + grown[i];
            }
        }

        foreach (((_, long entry), double sum) in sums)
        {
            // A gradient that is the rounding of what cancels has no sign.
            if (Math.Abs(gradient[entry]) > floor)
            {
                Assert.True(Math.Abs(sum - source[entry]) <= 1e-9 * Rate, $"{name}[{entry}]: {sum:R}, the source moves {source[entry]:R}");
                Assert.Equal(Rate, Math.Abs(source[entry]), Rate * 1e-9);
            }
        }
    }
}
