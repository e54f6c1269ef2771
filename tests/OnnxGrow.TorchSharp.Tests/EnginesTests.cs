using OnnxGrow.Training.Engine;
using Xunit;

namespace OnnxGrow.TorchSharp.Tests;

/// <summary>Engines are asked for by name, and one that is not there says how to get it.</summary>
public sealed class EnginesTests
{
    [Fact]
    public void ONNX_Runtime_is_always_there()
    {
        Assert.True(Engines.Has("onnxruntime"));
        Engines.Check("onnxruntime");
        Assert.StartsWith("ONNX Runtime 1.", Engines.Describe("onnxruntime"), StringComparison.Ordinal);
    }

    [Fact]
    public void TorchSharp_is_there_or_says_how_to_get_it()
    {
        if (Engines.Has("torchsharp"))
        {
            Assert.StartsWith("TorchSharp 0.", Engines.Describe("torchsharp"), StringComparison.Ordinal);
            return;
        }

        var error = Assert.Throws<BadInputException>(() => Engines.Check("torchsharp"));
        Assert.Contains("-p:UseTorchSharp=true", error.Message, StringComparison.Ordinal);
        Assert.Contains("'onnxruntime'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_refused()
    {
        var error = Assert.Throws<BadInputException>(() => Engines.Check("tensorflow"));
        Assert.Contains("unknown engine 'tensorflow'; there are onnxruntime and torchsharp", error.Message, StringComparison.Ordinal);
    }
}
