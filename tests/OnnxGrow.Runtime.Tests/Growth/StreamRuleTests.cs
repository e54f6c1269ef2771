using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Rules of the residual stream at widths that are no multiples, where it may be handed out, and stacks of layers.</summary>
public class StreamRuleTests
{
    [Theory]
    [InlineData("cait-mini-op17.onnx", 40)]
    [InlineData("cait-mini-op11.onnx", 48)]
    [InlineData("beit-mini-op17.onnx", 60)]
    [InlineData("vit-layerscale-gap-mini-op17.onnx", 64)]
    [InlineData("vit-layerscale-gap-mini-op14.onnx", 80)]
    public void What_scales_the_layers_keeps_the_mean_of_the_stream(string file, long width) =>
        Proof.Grow(file, new GrowthRequest { Hidden = width }, (_, grown) => Assert.Equal(Exactness.Rounded, grown.Exactness));

    [Theory]
    [InlineData("gemma-mini-op17.onnx", 60)]
    [InlineData("gemma-mini-op11.onnx", 84)]
    [InlineData("gemma-einsum-mini-op12.onnx", 72)]
    public void Gains_that_one_is_added_to(string file, long width) =>
        Proof.Grow(file, new GrowthRequest { Hidden = width, Heads = 4, Layers = 3 }, (_, grown) => Assert.Equal(Exactness.Rounded, grown.Exactness));

    [Theory]
    [InlineData("whisper-encoder-mini-op17.onnx")]
    [InlineData("whisper-encoder-mini-op13.onnx")]
    public void A_width_that_is_handed_out_grows_where_that_is_allowed(string file)
    {
        Assert.Contains("--widen-interface allows that", Proof.Refused(file, new GrowthRequest { Hidden = 96 }), StringComparison.Ordinal);
        Proof.Grow(file, new GrowthRequest { Hidden = 96, Layers = 3, WidenInterface = true }, (_, grown) =>
        {
            InterfaceChange change = Assert.Single(grown.Interface);
            Assert.Equal(("last_hidden_state", false, false), (change.GrownName, change.IsNew, change.IsAppended));
            Assert.Equal(96, change.Axes[2]!.Map.Length);
            Assert.Equal(96, grown.Model.Proto.Graph.Output.Single().Type.TensorType.Shape.Dim[2].DimValue);
        });
    }

    [Theory]
    [InlineData("bart-mini-op17.onnx", 3, 2)]
    [InlineData("bart-mini-op9.onnx", 2, 3)]
    [InlineData("t5-mini-op17.onnx", 3, 2)]
    [InlineData("t5-mini-op12.onnx", 4, 5)]
    [InlineData("clip-mini-op17.onnx", 3, 3)]
    public void Stacks_grow_each_to_its_own_depth(string file, int first, int second)
    {
        Proof.Grow(file, new GrowthRequest { LayersByStack = [first, second] }, (_, grown) =>
        {
            using OnnxModel written = Proof.Written(grown);
            Assert.Equal([first, second], ModelMap.Of(written).Layers.CountBy(l => l.Stack).Select(c => c.Value));
        });
        Assert.Contains("2 stacks of layers", Proof.Refused(file, new GrowthRequest { Layers = 4 }), StringComparison.Ordinal);
        Assert.Contains("give a number for each", Proof.Refused(file, new GrowthRequest { LayersByStack = [3, 3, 3] }), StringComparison.Ordinal);
    }

    [Fact]
    public void One_stack_takes_one_number()
    {
        Assert.Contains("one stack of 3 layers", Proof.Refused("gpt2-mini-op17.onnx", new GrowthRequest { LayersByStack = [4, 4] }), StringComparison.Ordinal);
        Assert.Contains("fewer than the source's 2", Proof.Refused("t5-mini-op17.onnx", new GrowthRequest { LayersByStack = [1, 2] }), StringComparison.Ordinal);
    }
}
