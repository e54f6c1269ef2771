using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;
using Xunit;
using Xunit.Abstractions;

namespace OnnxGrow.Runtime.Tests;

/// <summary>Models that the compiler really grew: the weights as stored, and before they were rounded.</summary>
public class GrownModelTests(ITestOutputHelper output)
{
    [Fact]
    public void Two_files_without_a_plan_are_compared_on_their_stored_weights()
    {
        using OnnxModel source = OnnxModel.Open(Path.Combine(Support.Root, "models", "vit-mini-qkv-op12.onnx"));
        using GrownModel grown = Grow(source, "lemon", 80, 5);
        using OnnxModel stored = OnnxModel.FromProto(global::Onnx.ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
        EquivalenceReport report = EquivalenceChecker.Compare(source, stored, options: new EquivalenceOptions { Depth = 5, Layers = true });
        output.WriteLine(report.Summary + "\n" + report.Layers!.Text);
        Assert.Equal(Verdict.Equivalent, report.Verdict);
        Assert.Equal("as stored", report.Witness!.Weights);
        Assert.InRange(report.Witness.RequiredTolerance!.Value, 1e-12, 1e-6);
        Assert.Equal(Verdict.Equivalent, report.Layers.Verdict);
        Assert.Null(report.Layers.First);
    }

    [Theory]
    [InlineData("bert-mini-op12.onnx", "bert.encoder.layer.1.output.dense.bias", "layer.1")]
    [InlineData("gpt2-mini-op17.onnx", "transformer.h.1.mlp.c_proj.bias", "h.1")]
    public void The_layer_of_a_spoilt_weight_is_named(string file, string weight, string layer)
    {
        using OnnxModel source = OnnxModel.Open(Path.Combine(Support.Root, "models", file));
        using GrownModel grown = Grow(source, "lemon", 96, 3);
        using OnnxModel spoilt = OnnxModel.FromProto(global::Onnx.ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
        SmallEncoder.Edit(weight, values => values[3] += 0.01f)(spoilt.Proto);
        EquivalenceReport report = EquivalenceChecker.Compare(
            source, spoilt, options: new EquivalenceOptions { MaxLength = 4, Layers = true, Levels = EquivalenceLevels.Witness });
        output.WriteLine(report.Layers!.Text);
        Assert.Equal(Verdict.NotEquivalent, report.Verdict);
        Assert.Contains(layer, report.Layers.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fresh_model_is_not_equivalent()
    {
        using OnnxModel source = OnnxModel.Open(Path.Combine(Support.Root, "models", "gpt2-mini-op17.onnx"));
        using GrownModel grown = Grow(source, "random", 96, 4);
        EquivalenceReport report = EquivalenceChecker.Compare(source, grown.Model, options: new EquivalenceOptions { MaxLength = 4 });
        Assert.Equal(Verdict.NotEquivalent, report.Verdict);
    }

    private static GrownModel Grow(OnnxModel source, string method, long hidden, int layers)
    {
        ModelMap map = ModelMap.Of(source);
        return Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = hidden, Layers = layers, Method = method }));
    }
}
