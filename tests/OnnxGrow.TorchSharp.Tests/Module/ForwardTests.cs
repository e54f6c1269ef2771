using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Testing;
using OnnxGrow.TorchSharp.Graph;
using OnnxGrow.Training.Preparation;
using TorchSharp;
using Xunit;

namespace OnnxGrow.TorchSharp.Tests.Module;

/// <summary>A module computes what ONNX Runtime computes.</summary>
public sealed class ForwardTests
{
    public static TheoryData<string> Models => [.. Repository.AllModels.Concat(Shared).Select(p => Path.GetFileName(p)).Except(NotTrained)];

    private static string[] Shared => Repository.SharedModels is { } folder ? Directory.GetFiles(folder, "*.onnx") : [];

    /// <summary>Models that ONNX Runtime's CPU provider does not run, or that have no weights of floats to train.</summary>
    private static string[] NotTrained =>
    [
        "bert-packed-attention-ms.onnx", "bert-packed-heads-ms.onnx", "gpt-merged.onnx", "gpt-nbits-ms.onnx", "gpt2-bf16-mini-op16.onnx",
        "gpt2-bf16-mini-op17.onnx", "vit-f64-mini-op12.onnx", "vit-f64-mini-op17.onnx",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_are_those_of_ONNX_Runtime(string file)
    {
        using OnnxModel source = OnnxModel.Open(Repository.AllModels.Concat(Shared).Single(p => Path.GetFileName(p) == file));
        IReadOnlyDictionary<string, RuntimeTensor> inputs = ExampleInputs.Of(source);

        // A model of float16 is computed in float32 here, so that the reference is what training starts from.
        using TrainableModel prepared = TrainableModel.Of(source, inputs, new ParameterFilter());
        using var session = new OrtSession(prepared.Forward);
        IReadOnlyDictionary<string, RuntimeTensor> expected = session.Run(inputs.ToDictionary(
            i => i.Key, i => i.Value.ElementType == ElementType.Float16 ? i.Value.ConvertTo(ElementType.Float32) : i.Value, StringComparer.Ordinal));
        using var module = new OnnxModule(source);
        using DisposeScope scope = torch.NewDisposeScope();
        IReadOnlyDictionary<string, torch.Tensor> actual = module.call(
            inputs.ToDictionary(i => i.Key, i => TorchTypes.FromRuntime(i.Value), StringComparer.Ordinal));
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
