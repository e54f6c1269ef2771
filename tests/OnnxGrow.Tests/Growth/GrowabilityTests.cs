using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Growth;

public class GrowabilityTests
{
    public static TheoryData<string> Models() =>
        [.. Repository.AllModels.Select(m => Path.GetRelativePath(Repository.Model(""), m).Replace('\\', '/'))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_dimension_of_every_model_says_whether_and_how_it_grows(string file)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(model);
        IReadOnlyList<Growability> all = Growability.Of(map);
        Assert.Equal(map.Dimensions.Select(d => d.Name), all.Select(g => g.Dimension));
        Assert.All(all, g => Assert.True(g.CanGrow ? g.Text.Contains('(') : g.Text.StartsWith("no: ", StringComparison.Ordinal), g.Text));

        // The dimension that a transformer's rules are about grows in all of them but the quantised ones.
        Assert.Equal(!file.Contains("nbits-ms.", StringComparison.Ordinal) && !file.Contains("qdq.", StringComparison.Ordinal),
            all.Zip(map.Dimensions).Any(d => d.Second.Role == DimensionRole.Hidden
                && (d.First.CanGrow || d.First.Text.Contains("--widen-interface allows that", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_number_of_layers_for_each_stack()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        string message = Assert.Throws<CannotGrowException>(() => Planner.Plan(ModelMap.Of(model), new GrowthRequest { LayersByStack = [4, 4] })).Message;
        Assert.Contains("this model has one stack of 3 layers; give one number, such as --layers 6", message, StringComparison.Ordinal);
        using OnnxModel two = OnnxModel.Open(Repository.Model("t5-mini-op17.onnx"));
        message = Assert.Throws<CannotGrowException>(() => Planner.Plan(ModelMap.Of(two), new GrowthRequest { Layers = 4 })).Message;
        Assert.Contains("this model has 2 stacks of layers (2 in stack 0 and 2 in stack 1); give a number for each, such as --layers 4,4", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_other_entry_is_one_of_a_pair()
    {
        // Rotary embeddings of pairs as x[..., ::2] and x[..., 1::2].
        using OnnxModel model = OnnxModel.Open(Repository.Model("styles/llama-softcap-plain.onnx"));
        ModelMap map = ModelMap.Of(model);
        Assert.Contains(map.Of(DimensionRole.HeadDim), d => d.Extent == 8 && d.CanGrow);
    }
}
