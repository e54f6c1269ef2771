using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Certificate;

public sealed class GrownModelWeightTests
{
    [Theory]
    [InlineData("bert-mini-op12.onnx", 96)]
    [InlineData("bert-mini-op17.onnx", 96)]
    [InlineData("gpt2-mini-op12.onnx", 64)]
    [InlineData("gpt2-mini-op17.onnx", 96)]
    [InlineData("vit-mini-op12.onnx", 96)]
    [InlineData("vit-mini-qkv-op12.onnx", 80)]
    public void Every_weight_of_a_grown_model_holds(string file, int hidden)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = hidden, Layers = 4, Seed = 7 }));
        int checkedWeights = 0;
        foreach (GrownWeight weight in grown.Weights)
        {
            if (weight.Recipe is { } recipe)
            {
                WeightCertificateResult result = WeightCertificate.Check(recipe, grown.Model.DataOf(weight.Tensor));
                Assert.True(result.Passed, result.Text);
                checkedWeights++;
            }
        }

        Assert.InRange(checkedWeights, 10, int.MaxValue);
    }
}
