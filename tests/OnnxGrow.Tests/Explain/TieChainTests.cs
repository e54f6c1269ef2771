using OnnxGrow.Analysis;
using OnnxGrow.Explain;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Explain;

public class TieChainTests
{
    [Fact]
    public void The_two_axes_of_a_square_weight_go_different_ways()
    {
        using OnnxModel model = SmallGraphs.Residual();
        TensorExplanation w = new TensorExplainer(ModelMap.Of(model)).Explain("W_5");

        // Read: through the product to the norm's result. Written: through the product to its own result, and the sum.
        Assert.Equal(["MatMul_6:LayerNormalization_4_out[1]", "LayerNormalization_4:MatMul_1_out[1]", "MatMul_1:E_0[1]"], Steps(w, 0));
        Assert.Equal(["MatMul_6:MatMul_6_out[1]", "Add_7:MatMul_1_out[1]", "MatMul_1:E_0[1]"], Steps(w, 1));
        Assert.Equal("[hidden, hidden]", w.Shape);
        Assert.Equal("the first weight that has it", w.Axes[0].Ties[0].Landmark);
    }

    [Fact]
    public void A_fused_projection_is_tied_to_the_token_table()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        TensorExplanation tensor = new TensorExplainer(ModelMap.Of(model)).Explain("transformer.h.0.attn.c_attn.weight");
        AxisTie hidden = Assert.Single(tensor.Axes[0].Ties);
        Assert.Equal("hidden", hidden.Dimension.Name);
        Assert.Equal("the table of tokens", hidden.Landmark);
        Assert.Equal("transformer.wte.weight", hidden.Chain!.End.Name);
        Assert.Equal(1, hidden.Chain.EndAxis);
        Assert.Equal(["Gemm", "Reshape", "LayerNormalization", "Add", "Gather"], hidden.Chain.Steps.Select(s => s.Node.Operator));
        Assert.Equal("sums over both", hidden.Chain.Steps[0].How);
        Assert.StartsWith("queries (heads.0 x head_dim.0) | keys (heads.0 x head_dim.0) | values (heads.0 x ", tensor.Axes[1].Text, StringComparison.Ordinal);
        Assert.Equal("transformer.h.0.attn.c_attn.bias", tensor.Axes[1].Ties[0].Chain!.End.Name);
    }

    [Fact]
    public void A_projection_cut_by_its_count_of_parts_says_so()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("vit-mini-qkv-op17.onnx"));
        TensorExplanation tensor = new TensorExplainer(ModelMap.Of(model)).Explain("blocks.0.attn.qkv.bias");
        Assert.Equal("[3 parts (queries, keys and values) of heads.0 x head_dim.0]", tensor.Shape);
    }

    public static TheoryData<string> Models => [.. Repository.Models.Select(m => Path.GetFileName(m))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_axis_of_every_weight_is_tied_to_its_dimension(string file)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(model);
        var explainer = new TensorExplainer(map);
        foreach (Value weight in map.Weights().Where(w => w.Consumers.Count > 0))
        {
            foreach (AxisTie tie in explainer.Explain(weight.Name).Axes.SelectMany(a => a.Ties))
            {
                bool alone = tie.Dimension.Weights.Select(w => w.Tensor).Distinct().Count() == 1;
                Assert.True(alone == tie.Chain is null || tie.IsLandmark, $"{weight.Name}: {tie.Dimension.Name}");
                if (tie.Chain is not { } chain)
                {
                    continue;
                }

                Assert.Contains(new WeightAxis(chain.End.Name, chain.EndAxis), tie.Dimension.Weights);
                (Value Value, int Axis) at = (chain.From, chain.FromAxis);
                foreach (TieStep step in chain.Steps)
                {
                    // Every value on the way has the dimension, and every node stands beside the values that it ties.
                    Assert.Contains(tie.Dimension, new AxisText(map).DimensionsOf(step.To.Axes![step.ToAxis]));
                    Assert.True(at.Value.Producer == step.Node || step.To.Producer == step.Node || at.Value.Consumers.Any(u => u.Node == step.Node)
                        || map.Norms.Any(n => n.Last == step.Node));
                    at = (step.To, step.ToAxis);
                }
            }
        }
    }

    [Fact]
    public void Names_that_are_not_there_bring_the_closest()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        var explainer = new TensorExplainer(ModelMap.Of(model));
        BadInputException e = Assert.Throws<BadInputException>(() => explainer.Explain("transformer.wte.wieght"));
        Assert.Contains("the closest names are 'transformer.wte.weight'", e.Message, StringComparison.Ordinal);
        Assert.Contains("inspect", Assert.Throws<BadInputException>(() => explainer.Explain("q")).Message, StringComparison.Ordinal);
    }

    private static string[] Steps(TensorExplanation tensor, int axis) =>
        [.. tensor.Axes[axis].Ties[0].Chain!.Steps.Select(s => $"{s.Node.Name}:{s.To.Name}[{s.ToAxis}]")];
}
