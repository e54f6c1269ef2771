using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.States;
using Xunit;

namespace OnnxGrow.Training.Tests.States;

/// <summary>
/// Optimizer state that grows: where the recipes say what a grown weight's gradients are, the grown moments are those of the grown
/// model's own gradients.
/// </summary>
public sealed class StateGrowthTests : IDisposable
{
    private const int Steps = 5;

    private readonly TemporaryFolder _folder = new();
    private double _largest;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", "net2net")]
    [InlineData("bert-mini-op17.onnx", "net2net")]
    [InlineData("vit-mini-op17.onnx", "hypercloning")]
    [InlineData("llama-mini-op17.onnx", "net2net")]
    public void Moments_of_a_width_growth_by_equal_shares_are_those_of_its_own_gradients(string file, string method)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = 2 * map.Hidden!.Extent, Method = method });
        Check(source, map, plan, (name, own, moments) => Agree(name, own, moments));
    }

    [Fact]
    public void Three_copies_and_two_of_a_head_share_by_their_numbers()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(source);
        Check(source, map, Planner.Plan(map, new GrowthRequest { Heads = 7, Ffn = 250, Method = "net2net" }), (name, own, moments) => Agree(name, own, moments));
    }

    [Fact]
    public void Old_tokens_and_positions_keep_their_moments_and_new_ones_begin_with_none()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(source);
        Check(source, map, Planner.Plan(map, new GrowthRequest { Vocabulary = 520, Positions = 80 }), (name, own, moments) =>
        {
            if (name is not ("transformer.wte.weight" or "transformer.wpe.weight"))
            {
                Agree(name, own, moments);
                return;
            }

            int old = (name == "transformer.wte.weight" ? 500 : 64) * 48;
            Agree(name, (own.Mean[..old], own.Square[..old]), (moments.Mean[..old], moments.Square[..old]));
            Assert.All(moments.Mean[old..], m => Assert.Equal(0, m));

            // Not zero: a mean of zero over a root of zero would make their first step a large one.
            double mean = own.Square[..old].Average();
            Assert.All(moments.Square[old..], s => Assert.Equal(mean, s, mean * 1e-12));
        });
    }

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", 2 * 12)]
    [InlineData("bert-mini-op17.onnx", (2 * 16) + 4)]
    public void New_layers_begin_with_nothing_and_count_their_own_steps(string file, int weights)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        string[] added = [];
        IReadOnlyDictionary<string, long> born = new Dictionary<string, long>();
        Check(
            source,
            map,
            Planner.Plan(map, new GrowthRequest { Layers = 5 }),
            (name, own, moments) =>
            {
                if (added.Contains(name))
                {
                    Assert.All(moments.Mean.Concat(moments.Square), m => Assert.Equal(0, m));
                    Assert.Equal(Steps, born[name]);
                    return;
                }

                Agree(name, own, moments);
                Assert.False(born.ContainsKey(name));
            },
            (grown, at) =>
            {
                HashSet<string> old = [.. ParameterChoice.TensorsOf(source.Proto.Graph).Select(t => t.Name)];
                added = [.. grown.Weights.Select(w => w.Name).Where(n => !old.Contains(n))];
                born = at;
            });
        Assert.Equal(weights, added.Length);
    }

    [Fact]
    public void Beside_whole_copies_the_mean_is_zero_and_the_mean_square_that_of_the_rows()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 64 }));
        using var recursion = new MomentRecursion(source, ExampleInputs.Of(source));
        Run(recursion, source, recursion.OutputDims[^1]);
        recursion.Save(_folder.File("s.safetensors"), Steps);
        using OptimizerState state = OptimizerState.Open(_folder.File("s.safetensors"), source);
        (IReadOnlyList<NamedTensor> tensors, _) = StateGrowth.Of(grown, state);
        const string Bias = "transformer.h.1.mlp.c_proj.bias";
        (double[] mean, double[] square) = (Values(tensors, Bias + "/exp_avg"), Values(tensors, Bias + "/exp_avg_sq"));
        Agree(Bias, mean[..48], recursion.Moments[Bias].Mean, 0);
        Assert.All(mean[48..], m => Assert.Equal(0, m));
        double rows = recursion.Moments[Bias].Square.Average();
        Assert.All(square[48..], s => Assert.Equal(rows, s, rows * 1e-12));

        // A gain is sqrt(s) times the source's, so that its gradient is the source's over that.
        const string Gain = "transformer.h.1.ln_2.weight";
        Agree(Gain, Values(tensors, Gain + "/exp_avg")[..48], [.. recursion.Moments[Gain].Mean.Select(m => m / Math.Sqrt(0.75))], 0);
        Agree(Gain, Values(tensors, Gain + "/exp_avg_sq")[..48], [.. recursion.Moments[Gain].Square.Select(m => m / 0.75)], 0);
    }

    [Fact]
    public void A_written_state_is_read_in_pieces_and_carries_what_the_first_one_said()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 96, Layers = 4 }));
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (float)Math.Abs(Math.Sin(i + 1)))];
        SafetensorsFile.Write(
            _folder.File("a.safetensors"),
            [
                new NamedTensor("transformer.wte.weight/exp_avg", [500, 48], MemoryTensorData.From(Numbers(500 * 48))),
                new NamedTensor("transformer.wte.weight", [500, 48], MemoryTensorData.From(Numbers(500 * 48))),
                new NamedTensor("transformer.h.2.mlp.c_fc.weight/momentum_buffer", [48, 192], MemoryTensorData.From(Numbers(48 * 192))),
            ],
            new Dictionary<string, string> { ["step"] = "70", ["born"] = """{"transformer.wte.weight":20}""", ["optimizer"] = "muon" });
        using (OptimizerState state = OptimizerState.Open(_folder.File("a.safetensors"), source))
        {
            GrownStateSummary summary = StateGrowth.Write(grown, state, _folder.File("b.safetensors"));
            Assert.Equal((70, 2, 1), (summary.Step, summary.Grown, summary.New));
        }

        using SafetensorsFile file = SafetensorsFile.Open(_folder.File("b.safetensors"));
        Assert.Equal("muon", file.Texts["optimizer"]);
        Assert.Equal("70", file.Texts["step"]);
        Assert.Equal("""{"transformer.h.2.mlp.c_fc.weight_grown0":70,"transformer.wte.weight":20}""", file.Texts["born"]);
        double[] grownBuffer = new double[96 * 384];
        file.Tensors["transformer.h.2.mlp.c_fc.weight/momentum_buffer"].Data.ReadDoubles(0, grownBuffer);
        double[] source0 = [.. Numbers(48 * 192).Select(n => (double)n)];
        for (int i = 0; i < grownBuffer.Length; i++)
        {
            // Inputs are copied; of two copies of an output each gets half of what came back.
            Assert.Equal(source0[((i / 384 % 48) * 192) + (i % 384 % 192)] / 2, grownBuffer[i]);
        }
    }

    [Theory]
    [InlineData("nothing/exp_avg", new long[] { 48 }, "10", "has no weight 'nothing'")]
    [InlineData("transformer.ln_f.bias/hessian", new long[] { 48 }, "10", "whose growth is not known")]
    [InlineData("transformer.ln_f.bias/exp_avg", new long[] { 47 }, "10", "has the extents [47], and the weight [48]")]
    [InlineData("transformer.ln_f.bias/exp_avg", new long[] { 48 }, "ten", "how many steps were taken")]
    [InlineData("transformer.ln_f.bias", new long[] { 48 }, "10", "holds no state of an optimizer")]
    public void What_is_no_state_of_the_model_is_refused(string name, long[] dims, string step, string says)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        SafetensorsFile.Write(
            _folder.File("x.safetensors"), [new NamedTensor(name, [.. dims], MemoryTensorData.From(new float[dims[0]]))], new Dictionary<string, string> { ["step"] = step });
        BadInputException e = Assert.Throws<BadInputException>(() => OptimizerState.Open(_folder.File("x.safetensors"), source));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    /// <summary>Both models' moments over the same batches; for each weight of the grown one its own and the grown ones.</summary>
    private void Check(
        OnnxModel source,
        ModelMap map,
        GrowthPlan plan,
        Action<string, (double[] Mean, double[] Square), (double[] Mean, double[] Square)> check,
        Action<GrownModel, IReadOnlyDictionary<string, long>>? before = null)
    {
        using GrownModel grown = Grower.Grow(map, plan);
        IReadOnlyDictionary<string, RuntimeTensor> example = ExampleInputs.Of(source);
        using var first = new MomentRecursion(source, example);
        using var second = new MomentRecursion(grown.Model, example);
        long classes = first.OutputDims[^1];
        Run(first, source, classes);
        Run(second, source, classes);
        first.Save(_folder.File("state.safetensors"), Steps);
        using OptimizerState state = OptimizerState.Open(_folder.File("state.safetensors"), source);
        (IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, long> born) = StateGrowth.Of(grown, state);
        before?.Invoke(grown, born);
        _largest = second.Moments.Values.Max(m => m.Mean.Max(Math.Abs));
        int compared = 0;
        foreach (Parameter parameter in second.Parameters)
        {
            check(parameter.Name, second.Moments[parameter.Name], (Values(tensors, parameter.Name + "/exp_avg"), Values(tensors, parameter.Name + "/exp_avg_sq")));
            compared++;
        }

        Assert.True(compared >= first.Parameters.Count());
    }

    /// <summary>The same batches and loss for both models: what the grown one has more of outputs counts nothing.</summary>
    private static void Run(MomentRecursion recursion, OnnxModel source, long classes)
    {
        var random = new Random(11);
        long[] dims = recursion.OutputDims;
        for (int step = 0; step < Steps; step++)
        {
            double[] numbers = new double[dims.Aggregate(1L, (n, d) => n * d)];
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = i % dims[^1] < classes ? (2 * random.NextDouble()) - 1 : 0;
            }

            recursion.Step(ExampleInputs.Of(source, (ulong)step), numbers);
        }
    }

    private static double[] Values(IReadOnlyList<NamedTensor> tensors, string name)
    {
        NamedTensor tensor = tensors.Single(t => t.Name == name);
        double[] values = new double[tensor.Data.Count];
        tensor.Data.ReadDoubles(0, values);
        return values;
    }

    /// <param name="name">The weight.</param>
    /// <param name="own">The moments of the grown model's own gradients.</param>
    /// <param name="grown">The grown moments.</param>
    private void Agree(string name, (double[] Mean, double[] Square) own, (double[] Mean, double[] Square) grown)
    {
        // What cancels in the network (a key's bias) leaves the rounding of its parts, which is in proportion to the other gradients.
        double floor = 1e-5 * _largest;
        Agree(name + "/exp_avg", grown.Mean, own.Mean, floor);
        Agree(name + "/exp_avg_sq", grown.Square, own.Square, floor * floor);
    }

    private static void Agree(string name, double[] found, double[] expected, double floor)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = Math.Max(expected.Max(Math.Abs), floor);
        double worst = expected.Zip(found, (e, f) => Math.Abs(e - f)).Max() / largest;
        Assert.True(worst <= 1e-11, $"{name}: {worst:E2} of the largest entry");
    }
}
