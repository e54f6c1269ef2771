using OnnxGrow.Analysis;
using OnnxGrow.Explain;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Explain;

public class RefusalExplainerTests
{
    private static RefusalExplanation Refused(ModelMap map, string tensor, GrowthRequest request)
    {
        CannotGrowException refusal = Assert.Throws<CannotGrowException>(() =>
        {
            using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request));
        });
        return RefusalExplainer.Explain(map, map.Graph.Find(tensor), refusal);
    }

    [Fact]
    public void Leads_to_an_operator_that_is_not_known()
    {
        using OnnxModel model = SmallGraphs.Residual("Mystery");
        ModelMap map = ModelMap.Of(model);
        RefusalExplanation refusal = Refused(map, "E_0", new GrowthRequest { Hidden = 16 });
        RefusalCause cause = Assert.Single(refusal.Causes);
        Assert.Equal("Mystery", cause.Node!.Operator);
        Assert.Equal("hidden", cause.Dimension.Name);
        Assert.True(cause.StartsAtTensor);
        Assert.Equal(["MatMul_1_out[1]", "LayerNormalization_4_out[1]"], cause.Chain!.Steps.Select(s => $"{s.To.Name}[{s.ToAxis}]"));
        Assert.Contains("Mystery", cause.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Leads_to_both_norms_of_a_post_norm_model()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(model);
        RefusalExplanation refusal = Refused(map, "bert.embeddings.word_embeddings.weight", new GrowthRequest { Hidden = 64 });
        Assert.Equal(2, refusal.Causes.Length);
        Assert.All(refusal.Causes, c =>
        {
            Assert.Equal("LayerNormalization", c.Node!.Operator);
            Assert.Equal("hidden", c.Dimension.Name);
            Assert.True(c.StartsAtTensor);
            Assert.Contains("96, 144", c.Help, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Leads_to_the_interface_from_another_weight_where_the_tensor_has_no_part_in_it()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("vit-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(model);
        Dimension channels = map.Dimensions.First(d => d.InterfaceRefusals.Length > 0);
        RefusalExplanation refusal = Refused(map, map.Hidden!.Weights[^1].Tensor, new GrowthRequest { Sizes = new GrowthRequest().Sizes.Add(channels.Name, 6) });
        RefusalCause cause = Assert.Single(refusal.Causes);
        Assert.Null(cause.Node);
        Assert.Equal(channels.Name, cause.Dimension.Name);
        Assert.False(cause.StartsAtTensor);
        Assert.Equal("pixel_values", cause.Value!.Name);
        Assert.Contains("--widen-interface", cause.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_is_at_fault_itself_has_no_causes()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        Assert.Empty(Refused(ModelMap.Of(model), "transformer.wte.weight", new GrowthRequest { Hidden = 32 }).Causes);
    }
}
