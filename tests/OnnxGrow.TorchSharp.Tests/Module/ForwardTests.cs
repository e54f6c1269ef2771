using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.TestSupport;
using OnnxGrow.TorchSharp.Graph;
using OnnxGrow.Training.Preparation;
using TorchSharp;
using Xunit;

namespace OnnxGrow.TorchSharp.Tests.Module;

/// <summary>A module computes what ONNX Runtime computes.</summary>
public sealed class ForwardTests
{
    /// <summary>
    /// Its random weights make attention scores of 16900, where two neighbours of float32 are 0.002 apart: no two runtimes agree to
    /// more than a thousandth in float32, so that it is compared in float64.
    /// </summary>
    private const string HugeScores = "fused_gpt2_attention_skiplayernorm.onnx";

    public static TheoryData<string> Models => [.. Repository.AllModels.Concat(Shared).Select(p => Path.GetFileName(p)).Except(NotTrained)];

    private static string[] Shared => Repository.SharedModels is { } folder ? Directory.GetFiles(folder, "*.onnx") : [];

    /// <summary>Models that ONNX Runtime's CPU provider does not run, or that have no weights of floats to train.</summary>
    private static string[] NotTrained =>
    [
        "bert-packed-attention-ms.onnx", "bert-packed-heads-ms.onnx", "gpt-merged.onnx", "gpt-nbits-ms.onnx",
        "vit-f64-mini-op12.onnx", "vit-f64-mini-op17.onnx",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_are_those_of_ONNX_Runtime(string file)
    {
        using OnnxModel source = OnnxModel.Open(Repository.AllModels.Concat(Shared).Single(p => Path.GetFileName(p) == file));
        ElementType type = file == HugeScores ? ElementType.Float64 : ElementType.Float32;
        var inputs = ExampleInputs.Of(source).ToDictionary(i => i.Key, i => i.Value.IsFloat ? i.Value.ConvertTo(type) : i.Value, StringComparer.Ordinal);

        // A model of float16 is trained in float32, so that this is what it is compared in.
        using TrainableModel prepared = TrainableModel.Of(source, ExampleInputs.Of(source), new ParameterFilter());
        using OnnxModel forward = type == ElementType.Float64 ? Float64Lift.Lift(prepared.Forward) : prepared.Forward.Clone();
        using var session = new OrtSession(forward, new OrtSessionOptions { Optimization = GraphOptimization.None });
        IReadOnlyDictionary<string, RuntimeTensor> expected = session.Run(inputs);
        using DisposeScope scope = torch.NewDisposeScope();
        var tensors = inputs.ToDictionary(i => i.Key, i => TorchTypes.FromRuntime(i.Value), StringComparer.Ordinal);
        if (type == ElementType.Float64)
        {
            using var graph = new TorchGraph(forward, new HashSet<string>());
            Check(file, expected, GraphRun.Of(graph, tensors, torch.CPU));
            return;
        }

        using var module = new OnnxModule(source);
        Check(file, expected, module.call(tensors));
    }

    private static void Check(string file, IReadOnlyDictionary<string, RuntimeTensor> expected, IReadOnlyDictionary<string, torch.Tensor> actual)
    {
        foreach ((string name, RuntimeTensor value) in expected)
        {
            double[] a = value.ToDoubles();
            double[] b = TorchTypes.ToRuntime(actual[name]).ToDoubles();
            Assert.Equal([.. value.Dims], actual[name].shape);
            double size = Math.Max(a.Select(Math.Abs).Where(double.IsFinite).DefaultIfEmpty(0).Max(), 1e-3);
            double worst = a.Zip(b, (x, y) => x.Equals(y) ? 0 : Math.Abs(x - y)).DefaultIfEmpty(0).Max();
            Assert.True(worst <= 1e-5 * size, $"{file}, {name}: differs by {worst:g3} of {size:g3}");
        }
    }
}
