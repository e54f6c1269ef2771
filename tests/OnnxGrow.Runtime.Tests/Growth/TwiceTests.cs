using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Grow, train on, grow again: what was grown is read like any other model.</summary>
public class TwiceTests
{
    [Theory]
    [InlineData("bert-mini-op12.onnx")]
    [InlineData("bert-mini-folded-op17.onnx")]
    [InlineData("bart-mini-op17.onnx")]
    [InlineData("gpt2-past-mini-op17.onnx")]
    [InlineData("llama-mini-op17.onnx")]
    [InlineData("neox-mini-op11.onnx")]
    [InlineData("cait-mini-op17.onnx")]
    [InlineData("swin-mini-op17.onnx")]
    [InlineData("styles/bert-mini-ort.onnx")]
    [InlineData("styles/llama-gqa-ms.onnx")]
    [InlineData("styles/whisper-encoder-ms.onnx")]
    [InlineData("styles/gpt-if-cache.onnx")]
    [InlineData("styles/gpt-if-squeeze.onnx")]
    [InlineData("styles/gpt-op20-layer-function.onnx")]
    [InlineData("styles/gpt-weights-as-inputs.onnx")]
    public void A_grown_model_is_a_model(string file)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap first = ModelMap.Of(source);
        using GrownModel once = Grower.Grow(first, CoverageCases.Together(first)!);
        using OnnxModel written = Proof.Written(once);
        ModelMap second = ModelMap.Of(written);
        Assert.Equal(first.Dimensions.Select(d => d.Role).Distinct().Order(), second.Dimensions.Select(d => d.Role).Distinct().Order());
        Assert.Equal(first.Layers.CountBy(l => l.Stack).Select(l => l.Value + 1), second.Layers.CountBy(l => l.Stack).Select(l => l.Value));
        Assert.Equal(2 * first.Hidden!.Extent, second.Hidden!.Extent);
        using GrownModel twice = Grower.Grow(second, CoverageCases.Together(second)!);
        EquivalenceReport report = Proof.Of(written, twice, new EquivalenceOptions { MaxLength = 5, Threads = 1 });
        Proof.Holds(report, file);
        Assert.Null(ShrinkCheck.Difference(written, twice));
    }
}
