using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Kernels;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Fusion;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Fusion;

/// <summary>Training graphs before and after their elementwise chains are joined: the same function, fewer nodes.</summary>
public sealed class ElementwiseFusionTests
{
    /// <summary>All but those that compute in float64, where nothing is joined, and which the runtime has not all kernels for.</summary>
    public static TheoryData<string> Models => [.. Repository.AllModels.Select(p => Path.GetRelativePath(Repository.Root, p)).Where(f => !WholeModelTests.IsRefused(f) && !f.Contains("vit-f64", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Loss_and_gradients_are_the_same(string file)
    {
        string path = Path.Combine(Repository.Root, file);
        using OnnxModel source = OnnxModel.Open(path);
        IReadOnlyDictionary<string, RuntimeTensor> example = ExampleInputs.Of(source);
        using TrainableModel model = TrainableModel.Of(source, example, new ParameterFilter());
        string output = model.Forward.Proto.Graph.Output.Select(o => o.Name).First(o => ElementTypes.IsGrowable(model.Values.TypeOf(o)));
        using TrainingGraph graph = TrainingGraph.Backward(model, new MeanSquaredError(output), adds: false, primitiveNorms: true);
        using OnnxModel fused = ElementwiseFusion.Of(graph.Model, model.Values, graph.ValueOf);
        Assert.Contains(fused.Proto.Graph.Node, n => n.OpType == FusedOperator.OpType);
        Assert.True(fused.Proto.Graph.Node.Count < graph.Model.Proto.Graph.Node.Count * 8 / 10, $"{fused.Proto.Graph.Node.Count} of {graph.Model.Proto.Graph.Node.Count} nodes are left");
        var random = new Random(5);
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal) { [TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float32, [], [1]) };
        foreach (string name in graph.DataInputs)
        {
            inputs[name] = name == MeanSquaredError.Target ? Noise(random, model.Values.DimsOf(output)) : example[name].IsFloat ? example[name].ConvertTo(ElementType.Float32) : example[name];
        }

        foreach (Parameter parameter in model.Parameters)
        {
            inputs[parameter.Name] = model.ValueOf(parameter);
        }

        AssertSame(graph.Model, fused, inputs, 1e-4);
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd")]
    [InlineData("lion")]
    [InlineData("muon")]
    public void So_is_an_update_which_writes_over_its_inputs(string kind)
    {
        IOptimizer rule = kind switch { "sgd" => new Sgd(), "lion" => new Lion(), "muon" => new Muon(new AdamW()), _ => new AdamW() };
        Parameter[] parameters = [new("W", [40, 33], ParameterRole.Matrix), new("E", [70, 16], ParameterRole.Table), new("b", [33], ParameterRole.Vector)];
        foreach (bool skips in new[] { false, true })
        {
            using OptimizerGraph graph = OptimizerGraph.Of([.. parameters.Select(p => (p, RelativeRate.One, 0))], rule, 0.1, 1, ElementType.Float32, skips);
            using OnnxModel fused = ElementwiseFusion.Of(graph.Model, null, new Dictionary<string, string>());
            Assert.Contains(fused.Proto.Graph.Node, n => n.OpType == FusedOperator.OpType);
            var random = new Random(6);
            Dictionary<string, RuntimeTensor> inputs = graph.Model.Proto.Graph.Input.ToDictionary(
                i => i.Name, i => Noise(random, [.. i.Type.TensorType.Shape.Dim.Select(d => d.DimValue)], positive: true), StringComparer.Ordinal);
            AssertSame(graph.Model, fused, inputs, 1e-5);
        }
    }

    [Fact]
    public void Random_graphs_compute_what_they_did()
    {
        int joined = 0;
        for (int seed = 0; seed < 150; seed++)
        {
            using OnnxModel model = RandomElementwise.Of(seed);
            var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
            var random = new Random(seed);
            foreach (ValueInfoProto input in model.Proto.Graph.Input)
            {
                inputs[input.Name] = Noise(random, [.. input.Type.TensorType.Shape.Dim.Select(d => d.DimValue)]);
            }

            using OnnxModel fused = ElementwiseFusion.Of(model, ValueTable.Of(model, inputs), new Dictionary<string, string>());
            joined += fused.Proto.Graph.Node.Count(n => n.OpType == FusedOperator.OpType);
            AssertSame(model, fused, inputs, 1e-4, $"seed {seed}");
        }

        Assert.True(joined > 150, $"only {joined} nodes were made");
    }

    [Fact]
    public void A_changed_program_is_noticed()
    {
        using OnnxModel model = RandomElementwise.Of(3);
        var random = new Random(3);
        Dictionary<string, RuntimeTensor> inputs = model.Proto.Graph.Input.ToDictionary(
            i => i.Name, i => Noise(random, [.. i.Type.TensorType.Shape.Dim.Select(d => d.DimValue)]), StringComparer.Ordinal);
        using OnnxModel fused = ElementwiseFusion.Of(model, ValueTable.Of(model, inputs), new Dictionary<string, string>());
        AttributeProto program = fused.Proto.Graph.Node.First(n => n.OpType == FusedOperator.OpType).Attribute[0];
        string text = program.S.ToStringUtf8();
        string changed = text.Replace("Add", "Sub", StringComparison.Ordinal).Replace("Mul", "Add", StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        program.S = Google.Protobuf.ByteString.CopyFromUtf8(changed);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertSame(model, fused, inputs, 1e-4));
    }

    [Fact]
    public void A_graph_with_graphs_inside_is_left_alone()
    {
        using OnnxModel model = OnnxModel.Open(Path.Combine(Repository.Root, "models", "styles", "gpt-if-cache.onnx"));
        using OnnxModel fused = ElementwiseFusion.Of(model, null, new Dictionary<string, string>());
        Assert.Equal(model.Proto.Graph.Node, fused.Proto.Graph.Node);
    }

    private static void AssertSame(OnnxModel plain, OnnxModel fused, Dictionary<string, RuntimeTensor> inputs, double tolerance, string where = "")
    {
        using var a = new OrtSession(plain, new OrtSessionOptions { Optimization = GraphOptimization.None });
        using var b = new OrtSession(fused, new OrtSessionOptions { Optimization = GraphOptimization.All, FusedKernels = true });
        IReadOnlyDictionary<string, RuntimeTensor> expected = a.Run(inputs), found = b.Run(inputs);
        Assert.Equal(expected.Keys, found.Keys);

        // A gradient that is zero but for rounding is measured by the others.
        double most = expected.Values.SelectMany(v => v.ToDoubles()).Select(Math.Abs).Max();
        foreach ((string name, RuntimeTensor value) in expected)
        {
            Assert.Equal<IEnumerable<long>>(value.Dims, found[name].Dims);
            double[] was = value.ToDoubles(), now = found[name].ToDoubles();
            double scale = Math.Max(most * 1e-3, was.Select(Math.Abs).DefaultIfEmpty(0).Max());
            for (int i = 0; i < was.Length; i++)
            {
                Assert.True(Math.Abs(was[i] - now[i]) <= tolerance * scale || was[i].Equals(now[i]), $"{where} {name}[{i}]: {was[i]:R} became {now[i]:R}");
            }
        }
    }

    private static RuntimeTensor Noise(Random random, long[] dims, bool positive = false) => RuntimeTensor.FromDoubles(
        ElementType.Float32, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => positive ? random.NextDouble() + 0.01 : (random.NextDouble() * 2) - 1)]);
}
