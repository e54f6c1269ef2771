using OnnxGrow.Analysis;
using OnnxGrow.Explain;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Explain;

public class PlanExplainerTests
{
    private static void Follow(string file, GrowthRequest request, Action<PlanExplainer> check)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(model);
        using var explainer = new PlanExplainer(map, Planner.Plan(map, request));
        check(explainer);
    }

    [Fact]
    public void Tells_how_a_table_grows() => Follow("gpt2-mini-op17.onnx", new GrowthRequest { Hidden = 64, Seed = 7 }, explainer =>
    {
        GrowthExplanation growth = explainer.Growth("transformer.wte.weight");
        WeightGrowth weight = Assert.Single(growth.Weights);
        Assert.Equal([500L, 48], weight.SourceDims.ToArray());
        Assert.Equal([500L, 64], weight.TargetDims.ToArray());
        Assert.Equal(Exactness.Rounded, weight.Exactness);
        Assert.Equal("0..47 = 0..47, 48..63 = mean of 0..47", weight.Axes[1].Map);
        Assert.Equal("every old entry once; 16 entries hold the mean of the old ones", weight.Axes[1].Words);
        Assert.Equal("stays as it is", weight.Axes[0].Words);
        Assert.Equal(["2.1"], weight.Rules.Select(r => r.Number));
        Assert.Equal(1, weight.Coefficient);
        Assert.Empty(weight.Streams);
        Assert.Contains("hidden 48 -> 64", growth.Changes);
    });

    [Fact]
    public void Tells_what_is_shared_and_what_is_drawn() => Follow("gpt2-mini-op17.onnx", new GrowthRequest { Hidden = 96, Seed = 7 }, explainer =>
    {
        WeightGrowth weight = Assert.Single(explainer.Growth("transformer.h.0.mlp.c_proj.weight").Weights);
        Assert.Equal("0..191 = share of 0..191, 192..383 = share of 0..191", weight.Axes[0].Map);
        Assert.Equal("what arrives holds 2 whole copies, and the weights that meet copies of one entry add up to the old weight, in random parts", weight.Axes[0].Words);
        Assert.Equal("transformer.h.0.mlp.c_proj.weight/shares", Assert.Single(weight.Streams));
        Assert.Equal(7UL, weight.Seed);
        Assert.Equal(Exactness.ExactWeights, weight.Exactness);
    });

    [Fact]
    public void Tells_where_a_new_layers_tensor_comes_from() => Follow("bert-mini-op17.onnx", new GrowthRequest { At = [0, 2] }, explainer =>
    {
        GrowthExplanation source = explainer.Growth("bert.encoder.layer.2.output.dense.weight");
        Assert.Empty(source.AlsoSourceOf);
        WeightGrowth weight = Assert.Single(source.Weights);
        Assert.Equal("bert.encoder.layer.2.output.dense.weight_grown1", weight.Name);
        Assert.Equal("in a new layer: a copy of layer 2, put behind layer 2", weight.Origin);
        Assert.Equal("all zeros, so that nothing is added", weight.Values);
        Assert.Contains(weight.Rules, r => r.Number == "4.1");

        TensorExplanation added = explainer.Tensor(weight.Name);
        Assert.True(added.IsAdded);
        Assert.Equal("hidden", added.Axes[0].Ties[0].Dimension.Name);
        Assert.Equal(weight.Name, Assert.Single(explainer.Growth(weight.Name).Weights).Name);
    });

    [Fact]
    public void Tells_how_an_activation_is_carried() => Follow("vit-mini-qkv-op17.onnx", new GrowthRequest { Hidden = 64 }, explainer =>
    {
        GrowthExplanation growth = explainer.Growth("/blocks/blocks.0/norm1/LayerNormalization_output_0");
        AxisGrowth axis = Assert.Single(growth.Carried!.Axes);
        Assert.Equal((2, 48L, 64L), (axis.Axis, axis.Source, axis.Target));
        Assert.Equal("0..47 = 0..47, 48..63 = 0", axis.Map);
        Assert.Null(explainer.Growth("pixel_values").Carried);
    });

    [Fact]
    public void Says_so_where_nothing_of_the_source_is_kept() => Follow("gpt2-mini-op17.onnx", new GrowthRequest { Hidden = 96, Method = "random" }, explainer =>
    {
        WeightGrowth weight = Assert.Single(explainer.Growth("transformer.wte.weight").Weights);
        Assert.Equal(Exactness.Lossy, weight.Exactness);
        Assert.Null(weight.Coefficient);
        Assert.StartsWith("freshly initialised", weight.Values, StringComparison.Ordinal);
    });

    [Fact]
    public void A_tensor_that_the_plan_leaves_alone_has_no_growth() => Follow("gpt2-mini-op17.onnx", new GrowthRequest { Ffn = 200 }, explainer =>
    {
        GrowthExplanation growth = explainer.Growth("transformer.wte.weight");
        Assert.Empty(growth.Weights);
        Assert.Null(growth.Carried);
    });

    [Fact]
    public void Every_grown_tensor_of_every_model_can_be_explained()
    {
        foreach (string path in Repository.Models)
        {
            using OnnxModel model = OnnxModel.Open(path);
            ModelMap map = ModelMap.Of(model);
            foreach (GrowthRequest request in new GrowthRequest[] { new() { Hidden = 96, At = [1] }, new() { Heads = 5, Ffn = 250, Block = BlockStyle.Cancel, At = [2] } })
            {
                GrowthPlan plan = Planner.Plan(map, request);
                using GrownModel grown = Grower.Grow(map, plan);
                using var explainer = new PlanExplainer(map, plan);
                foreach (GrownWeight weight in grown.Weights)
                {
                    WeightGrowth told = Assert.Single(explainer.Growth(weight.Name).Weights);
                    Assert.Equal(weight.Tensor.Dims, told.TargetDims);
                    Assert.All(told.Rules, r => Assert.NotEqual("", r.Name));
                    Assert.NotEqual("", told.Values);
                }
            }
        }
    }
}
