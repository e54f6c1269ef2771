using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Wider heads: with and without rotary embeddings, whole and in parts, however the scale is written.</summary>
public class HeadSizeTests
{
    [Theory]
    [InlineData("gpt2-mini-op17.onnx", 24)]
    [InlineData("gpt2-mini-op12.onnx", 17)]
    [InlineData("bert-mini-folded-op17.onnx", 19)]
    [InlineData("llama-mini-op17.onnx", 12)]
    [InlineData("llama-mini-op10.onnx", 16)]
    [InlineData("llama-interleaved-mini-op17.onnx", 18)]
    [InlineData("neox-mini-op17.onnx", 24)]
    [InlineData("neox-mini-op11.onnx", 21)]
    [InlineData("phi-mini-op17.onnx", 20)]
    [InlineData("qwen-mini-op17.onnx", 12)]
    [InlineData("olmo2-mini-op17.onnx", 32)]
    [InlineData("gemma-mini-op17.onnx", 24)]
    [InlineData("t5-mini-op17.onnx", 11)]
    [InlineData("cait-mini-op17.onnx", 10)]
    [InlineData("styles/llama-op23.onnx", 32)]
    [InlineData("styles/bert-mha-ms.onnx", 24)]
    public void Heads_become_wider(string file, long size) => Proof.Grow(file, new GrowthRequest { HeadDim = size }, (map, grown) =>
    {
        // The cut into heads reads the new size wherever it is written.
        using OnnxModel written = Proof.Written(grown);
        ModelMap after = ModelMap.Of(written);
        Assert.Contains(after.Flow.Attentions, a => a.Size.Extent == size);
        Assert.Equal(map.Flow.Attentions.Count, after.Flow.Attentions.Count);
        Assert.Equal(map.Hidden!.Extent, after.Hidden!.Extent);
    });

    [Theory]
    [InlineData("llama-mini-op17.onnx", 3)]
    [InlineData("neox-mini-op17.onnx", 2)]
    [InlineData("gpt2-mini-op17.onnx", 2)]
    public void Each_part_of_a_head_grows_by_its_own_name(string file, int parts)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        Dimension[] sizes = [.. map.Of(DimensionRole.HeadDim)];
        Assert.True(sizes.Length >= parts);
        foreach (Dimension size in sizes)
        {
            Proof.Grow(map, Proof.Plan((size.Name, size.Extent + 3)), size.Name, 4).Dispose();
        }
    }

    [Theory]
    [InlineData("llama-mini-op17.onnx", 11, "its parts grow alike")]
    [InlineData("llama-mini-op17.onnx", 7, "a head of 8")]
    [InlineData("gpt2-mini-op17.onnx", 15, "a head of 16")]
    public void Sizes_that_cannot_be_are_refused(string file, long size, string why) =>
        Assert.Contains(why, Proof.Refused(file, new GrowthRequest { HeadDim = size }), StringComparison.Ordinal);

    [Fact]
    public void A_wider_head_grows_with_width_heads_and_depth() =>
        Proof.Grow("llama-interleaved-mini-op12.onnx", new GrowthRequest { Hidden = 64, Heads = 8, HeadDim = 16, Layers = 3 }, (_, grown) =>
        {
            using OnnxModel written = Proof.Written(grown);
            ModelMap after = ModelMap.Of(written);
            Assert.Equal(64, after.Hidden!.Extent);
            Assert.Equal(3, after.Layers.Count);
            Assert.Equal([16], after.Flow.Attentions.Select(a => a.Size.Extent).OfType<long>().Distinct());
        });
}
