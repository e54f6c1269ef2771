using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Groups of heads that share keys and values, and experts that share a router.</summary>
public class SharedSizeTests
{
    private static (long Kv, long Group) Sizes(GrownModel grown)
    {
        using OnnxModel written = Proof.Written(grown);
        ModelMap after = ModelMap.Of(written);
        return (Assert.Single(after.Of(DimensionRole.KvHeads).Select(d => d.Extent).Distinct()), Assert.Single(after.Of(DimensionRole.HeadsPerKv).Select(d => d.Extent).Distinct()));
    }

    [Theory]
    [InlineData("llama-mini-op17.onnx", null, 3L, 3, 3)]
    [InlineData("llama-mini-op17.onnx", 8L, null, 2, 4)]
    [InlineData("llama-mini-op10.onnx", 12L, 4L, 4, 3)]
    [InlineData("gemma-mini-op17.onnx", 10L, null, 2, 5)]
    [InlineData("qwen-mini-op17.onnx", null, 3L, 3, 2)]
    [InlineData("styles/llama-gqa-ms.onnx", null, 4L, 4, 2)]
    [InlineData("styles/llama-gqa-packed-ms.onnx", 8L, null, 2, 4)]
    public void Heads_of_keys_and_values_and_the_queries_that_share_them_grow(string file, long? heads, long? kvHeads, long kv, long group)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        Assert.True(map.Of(DimensionRole.KvHeads).First().Extent <= kv);
        Proof.Grow(file, new GrowthRequest { Heads = heads, KvHeads = kvHeads }, (_, grown) => Assert.Equal((kv, group), Sizes(grown)));
    }

    [Fact]
    public void Heads_that_do_not_divide_are_refused_with_the_nearest_that_do()
    {
        Assert.Contains("give --heads as a multiple of 2 or of 3", Proof.Refused("llama-mini-op17.onnx", new GrowthRequest { Heads = 7 }), StringComparison.Ordinal);
        Assert.Contains("nearest: 9, 12", Proof.Refused("llama-mini-op17.onnx", new GrowthRequest { Heads = 10, KvHeads = 3 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mixtral-dense-mini-op17.onnx")]
    [InlineData("mixtral-dense-mini-op13.onnx")]
    [InlineData("mixtral-einsum-mini-op12.onnx")]
    public void Twice_the_experts_share_what_one_was_given(string file)
    {
        Proof.Grow(file, new GrowthRequest { Experts = 6 }, (_, grown) =>
        {
            using OnnxModel written = Proof.Written(grown);
            Assert.All(ModelMap.Of(written).Of(DimensionRole.Experts), d => Assert.Equal(6, d.Extent));
        });
        Assert.Contains("experts.0 3 -> 4", Proof.Refused(file, new GrowthRequest { Experts = 4 }), StringComparison.Ordinal);
        Assert.Contains("nearest", Proof.Refused(file, new GrowthRequest { Experts = 4 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mixtral-topk-mini-op17.onnx")]
    [InlineData("mixtral-topk-mini-op11.onnx")]
    public void The_largest_of_some_experts_is_no_place_for_copies(string file) =>
        Assert.Contains("takes the largest of its entries", Proof.Refused(file, new GrowthRequest { Experts = 6 }), StringComparison.Ordinal);
}
