using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Ligo;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Ligo;

/// <summary>Growth operators in a graph: what they compute before the first step, what they are tied by, what can be learned.</summary>
public sealed class LearningModelTests
{
    public static TheoryData<string, long?, int?> Growths => new()
    {
        { "bert-mini-op17.onnx", 96, 5 },
        { "bert-mini-folded-op12.onnx", 96, null },
        { "gpt2-mini-op17.onnx", 64, 5 },
        { "gpt2-mini-op12.onnx", null, 4 },
        { "vit-mini-qkv-op12.onnx", 112, 4 },
        { "llama-mini-op17.onnx", 96, null },
        { "neox-mini-op11.onnx", 96, 4 },
        { "t5-mini-op17.onnx", 64, null },
        { "mixtral-dense-mini-op17.onnx", 64, null },
        { "vit-fp16-mini-op17.onnx", 96, 4 },
        { "deit-mini-op9.onnx", 96, 4 },
    };

    [Theory]
    [MemberData(nameof(Growths))]
    public void From_a_lossless_start_it_computes_what_the_source_does(string file, long? hidden, int? layers)
    {
        foreach (LigoTying tying in Enum.GetValues<LigoTying>())
        {
            using var growth = Growth.Of(file, hidden, layers, new LigoOptions { Tying = tying });
            Assert.True(growth.DistanceFromSource() < 2e-4, $"{tying}: {growth.DistanceFromSource()}");
        }
    }

    [Fact]
    public void A_start_that_lacks_what_the_operators_do_not_give_is_noticed()
    {
        using var growth = Growth.Of("gpt2-mini-op17.onnx", 64, 5, new LigoOptions());
        foreach (TensorProto rest in growth.Learning.Model.Proto.Graph.Initializer.Where(t => t.Name.Contains("ligo/rest/", StringComparison.Ordinal)))
        {
            growth.Learning.Model.SetData(rest, MemoryTensorData.From(new float[Tensors.CountOf(rest)]));
        }

        Assert.True(growth.DistanceFromSource() > 1e-3);
    }

    [Fact]
    public void Operators_are_tied_as_the_paper_ties_them()
    {
        using var growth = Growth.Of("gpt2-mini-op17.onnx", 64, null, new LigoOptions());
        string[] widths = [.. growth.Learning.Learned.Where(n => !n.StartsWith("ligo/depth/", StringComparison.Ordinal))];

        // The residual width; in each of the three layers queries, keys, values (with what reads them) and the FFN.
        Assert.Equal(1 + (3 * 4), widths.Length);
        Assert.Single(widths, n => n == "ligo/hidden");
        Assert.Equal(3, widths.Count(n => n.StartsWith("ligo/ffn.", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_matrix_behind_attention_reads_values_by_the_operator_that_writes_them()
    {
        using var growth = Growth.Of("bert-mini-op17.onnx", 96, null, new LigoOptions());
        Dictionary<string, HashSet<string>> operators = growth.OperatorsOfWeights();
        string[] values = [.. Matching(operators, "layer.0.attention.self.value.weight")];
        string[] output = [.. Matching(operators, "layer.0.attention.output.dense.weight")];
        string[] queries = [.. Matching(operators, "layer.0.attention.self.query.weight")];
        string[] keys = [.. Matching(operators, "layer.0.attention.self.key.weight")];
        Assert.Equal(values.Order(), output.Order());
        Assert.NotEqual(values.Order(), queries.Order());
        Assert.NotEqual(keys.Order(), queries.Order());
        Assert.All(new[] { values, queries, keys }, o => Assert.Contains("ligo/hidden", o));
    }

    [Fact]
    public void Untied_every_axis_has_its_own()
    {
        using var growth = Growth.Of("bert-mini-op17.onnx", 96, null, new LigoOptions { Tying = LigoTying.None });
        Dictionary<string, HashSet<string>> operators = growth.OperatorsOfWeights();
        Assert.All(operators.Values.SelectMany(o => o).Where(o => !o.StartsWith("ligo/depth/", StringComparison.Ordinal)).GroupBy(o => o), g => Assert.Single(g));
    }

    [Fact]
    public void Published_operators_keep_old_entries_select_for_new_ones_and_sum_to_one()
    {
        using var growth = Growth.Of("gpt2-mini-op17.onnx", 64, 5, new LigoOptions { Start = LigoStart.Paper, Seed = 4 });
        Assert.DoesNotContain(growth.Learning.Model.Proto.Graph.Initializer, t => t.Name.StartsWith("ligo/rest/", StringComparison.Ordinal));
        float[] hidden = growth.Read("ligo/hidden");
        for (int row = 0; row < 64; row++)
        {
            float[] entries = hidden[(row * 48)..((row + 1) * 48)];
            Assert.Equal(1, entries.Sum(), 1e-5);
            if (row < 48)
            {
                Assert.Equal(1, entries[row]);
            }
            else
            {
                // 47 draws of up to 0.03 beside an entry of 1, all divided by their sum.
                Assert.InRange(entries.Max(), 0.35f, 0.99f);
                Assert.All(entries, e => Assert.True(e > 0));
            }
        }

        Assert.All(growth.Learning.Learned.Where(n => n.StartsWith("ligo/depth/", StringComparison.Ordinal)), name =>
        {
            float[] mixture = growth.Read(name);
            Assert.Equal(3, mixture.Length);
            Assert.Equal(1, mixture.Sum(), 1e-5);
            Assert.True(mixture.Max() > 0.9);
        });
    }

    [Fact]
    public void As_in_the_code_only_new_rows_are_learned()
    {
        using var growth = Growth.Of("gpt2-mini-op17.onnx", 64, null, new LigoOptions { Tying = LigoTying.Code });
        TensorProto learned = growth.Learning.Model.Proto.Graph.Initializer.First(t => t.Name == "ligo/hidden");
        Assert.Equal([16, 48], learned.Dims);
    }

    [Fact]
    public void A_growth_without_operators_is_refused()
    {
        Assert.Contains("operator", Assert.Throws<CannotTrainException>(() =>
            Growth.Of("gpt2-mini-op17.onnx", null, null, new LigoOptions(), r => r with { Vocabulary = 600 })).Message, StringComparison.Ordinal);
    }

    private static HashSet<string> Matching(Dictionary<string, HashSet<string>> operators, string end) =>
        [.. operators.Single(o => o.Key.EndsWith(end, StringComparison.Ordinal)).Value.Where(o => !o.StartsWith("ligo/depth/", StringComparison.Ordinal))];

    /// <summary>A growth with its operators in the graph.</summary>
    private sealed class Growth : IDisposable
    {
        private readonly OnnxModel _source;
        private readonly GrownModel _grown;
        private readonly TrainableModel _trainable;
        private readonly IReadOnlyDictionary<string, RuntimeTensor> _inputs;

        private Growth(OnnxModel source, GrownModel grown, LigoOptions options)
        {
            (_source, _grown) = (source, grown);
            _inputs = ExampleInputs.Of(source);
            _trainable = TrainableModel.Of(grown.Model, _inputs, new ParameterFilter());
            Learning = LearningModel.Of(grown, _trainable, options, default);
        }

        public LearningModel Learning { get; }

        public static Growth Of(string file, long? hidden, int? layers, LigoOptions options, Func<GrowthRequest, GrowthRequest>? more = null)
        {
            OnnxModel source = OnnxModel.Open(Repository.Model(file));
            ModelMap map = ModelMap.Of(source);
            var request = new GrowthRequest { Hidden = hidden, Layers = layers, Seed = 3 };
            return new Growth(source, Grower.Grow(map, Planner.Plan(map, more?.Invoke(request) ?? request)), options);
        }

        /// <summary>The largest difference of any output, in units of that output's size.</summary>
        public double DistanceFromSource()
        {
            using var small = new OrtSession(_source);
            using var large = new OrtSession(Learning.Model);
            IReadOnlyDictionary<string, RuntimeTensor> expected = small.Run(_inputs);
            IReadOnlyDictionary<string, RuntimeTensor> found = large.Run(_inputs.ToDictionary(i => i.Key, i => i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float32) : i.Value));

            // A model of float16 is trained in float32, which differs from its source by that.
            double scale = _source.Proto.Graph.Initializer.Any(t => t.DataType == (int)ElementType.Float16) ? 0.05 : 1;
            return scale * expected.Where(e => e.Value.IsFloat).Max(e =>
            {
                double[] want = e.Value.ToDoubles();
                return want.Zip(found[e.Key].ToDoubles(), (a, b) => Math.Abs(a - b)).Max() / Math.Max(want.Max(Math.Abs), 1e-3);
            });
        }

        public float[] Read(string name)
        {
            TensorProto tensor = Learning.Model.Proto.Graph.Initializer.First(t => t.Name == name);
            double[] values = new double[Tensors.CountOf(tensor)];
            Learning.Model.DataOf(tensor).ReadDoubles(0, values);
            return [.. values.Select(v => (float)v)];
        }

        /// <summary>What is learned that each weight is computed from.</summary>
        public Dictionary<string, HashSet<string>> OperatorsOfWeights()
        {
            var producers = Learning.Model.Proto.Graph.Node.SelectMany(n => n.Output.Select(o => (o, n))).ToDictionary(p => p.o, p => p.n);
            HashSet<string> learned = [.. Learning.Learned];
            HashSet<string> Behind(string name) => learned.Contains(name) ? [name]
                : producers.TryGetValue(name, out NodeProto? node) ? [.. node.Input.SelectMany(Behind)]
                : [];
            return Learning.Weights.ToDictionary(w => w, Behind);
        }

        public void Dispose()
        {
            Learning.Dispose();
            _trainable.Dispose();
            _grown.Dispose();
            _source.Dispose();
        }
    }
}
