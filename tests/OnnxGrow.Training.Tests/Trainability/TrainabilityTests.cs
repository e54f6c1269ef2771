using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Trainability;
using Xunit;

namespace OnnxGrow.Training.Tests.Trainability;

/// <summary>What will never learn is found, and nothing else.</summary>
public sealed class TrainabilityTests
{
    private const string Gpt = "gpt2-mini-op17.onnx";

    [Theory]
    [InlineData(Gpt)]
    [InlineData("bert-mini-op17.onnx")]
    [InlineData("vit-mini-op17.onnx")]
    [InlineData("llama-mini-op17.onnx")]
    public void A_source_can_learn(string file)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        TrainabilityReport report = TrainabilityCheck.Run(model);
        Assert.True(report.IsTrainable, Show(report));
        Assert.Equal(ExitCode.Success, report.ExitCode);
        Assert.All(report.Findings, f => Assert.Equal(TrainabilityProblem.WithoutEffect, f.Problem));
    }

    [Theory]
    [InlineData(Gpt, 96)]
    [InlineData(Gpt, 64)]
    [InlineData("bert-mini-op17.onnx", 96)]
    [InlineData("vit-mini-op17.onnx", 96)]
    [InlineData("llama-mini-op17.onnx", 0)]
    public void Lemon_grows_models_all_of_which_learn(string file, long hidden)
    {
        TrainabilityReport report = Grown(file, map => new GrowthRequest { Hidden = hidden == 0 ? 2 * map.Hidden!.Extent : hidden });
        Assert.True(report.IsTrainable, Show(report));

        // Single gains beside the copies wait for what they multiply, which a norm makes zero at first.
        Assert.DoesNotContain(report.Findings, f => f is { Problem: TrainabilityProblem.ZeroAtFirst, Axis: null });
    }

    [Fact]
    public void Equal_shares_keep_copies_equal()
    {
        TrainabilityReport report = Grown(Gpt, _ => new GrowthRequest { Hidden = 96, Method = "hypercloning" });
        Assert.False(report.IsTrainable);
        Assert.Equal(1, (int)report.ExitCode);
        TrainabilityFinding rows = report.Findings.Single(f => f.Weight == "transformer.h.1.mlp.c_fc.bias");
        Assert.Equal(TrainabilityProblem.StayEqual, rows.Problem);
        Assert.Equal("ffn.1", rows.Dimension);
        Assert.Equal(Enumerable.Range(192, 192), rows.Indices);
        Assert.Equal(Enumerable.Range(0, 192), rows.Like);
        Assert.Contains(report.Findings, f => f.Weight == "transformer.wte.weight" && f is { Problem: TrainabilityProblem.StayEqual, Dimension: "hidden", Indices.Length: 48 });
    }

    [Fact]
    public void Noise_that_cancels_parts_them()
    {
        TrainabilityReport report = Grown(Gpt, _ => new GrowthRequest { Hidden = 96, Method = "hypercloning", NoiseDb = 20 });
        Assert.True(report.IsTrainable, Show(report));
    }

    [Fact]
    public void A_new_block_that_adds_nothing_has_no_gradient_at_the_first_step_only()
    {
        TrainabilityReport report = Grown(Gpt, _ => new GrowthRequest { Hidden = 96, Layers = 4 });
        Assert.True(report.IsTrainable, Show(report));
        string[] waiting = [.. report.Findings.Where(f => f.Problem == TrainabilityProblem.ZeroAtFirst).Select(f => f.Weight).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["attn.c_attn.bias", "attn.c_attn.weight", "ln_1.bias", "ln_1.weight", "ln_2.bias", "ln_2.weight", "mlp.c_fc.bias", "mlp.c_fc.weight"],
            waiting.Select(w => w.Replace("transformer.h.2.", "", StringComparison.Ordinal).Replace("_grown0", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Copied_heads_of_a_new_block_stay_equal_where_nothing_parts_them()
    {
        // The stream does not grow, so that copies of a head read the same by the same weights, and all their outputs start at zero.
        TrainabilityReport report = Grown(Gpt, _ => new GrowthRequest { Heads = 6, Layers = 4 });
        Assert.False(report.IsTrainable);
        Assert.Contains(report.Findings, f => f is { Problem: TrainabilityProblem.StayEqual, Weight: "transformer.h.2.attn.c_proj.weight_grown0", Axis: 0, Indices.Length: 48 });
        Assert.Contains(report.Findings, f => f is { Problem: TrainabilityProblem.ZeroAtFirst, Weight: "transformer.h.2.attn.c_attn.weight_grown0", Axis: null });
        Assert.Contains(report.Findings, f => f is { Problem: TrainabilityProblem.StayEqual, Weight: "transformer.h.2.attn.c_attn.weight_grown0", Axis: 1 });
    }

    [Fact]
    public void Outputs_that_cancel_learn_at_once()
    {
        TrainabilityReport report = Grown(Gpt, _ => new GrowthRequest { Hidden = 96, Layers = 4, Block = BlockStyle.Cancel });
        Assert.True(report.IsTrainable, Show(report));
        Assert.DoesNotContain(report.Findings, f => f.Problem == TrainabilityProblem.ZeroAtFirst);
    }

    [Fact]
    public void Both_factors_of_a_product_at_zero_never_learn()
    {
        TrainabilityReport report = WithZeros(Gpt, "transformer.h.1.mlp.c_fc.weight", "transformer.h.1.mlp.c_fc.bias", "transformer.h.1.mlp.c_proj.weight");
        Assert.Equal(1, (int)report.ExitCode);
        string[] dead = [.. report.Findings.Where(f => f.Problem == TrainabilityProblem.ZeroForEver && f.Axis is null).Select(f => f.Weight).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["transformer.h.1.ln_2.bias", "transformer.h.1.ln_2.weight", "transformer.h.1.mlp.c_fc.bias", "transformer.h.1.mlp.c_fc.weight", "transformer.h.1.mlp.c_proj.weight"], dead);
    }

    [Fact]
    public void One_factor_at_zero_waits_for_a_step()
    {
        TrainabilityReport report = WithZeros(Gpt, "transformer.h.1.mlp.c_proj.weight");
        Assert.True(report.IsTrainable, Show(report));
        Assert.Equal(4, report.Findings.Count(f => f.Problem == TrainabilityProblem.ZeroAtFirst));
    }

    [Fact]
    public void What_no_value_of_it_changes_is_no_fault()
    {
        // Softmax does not see what all scores of a query have in common, so a key's bias has no effect.
        using OnnxModel model = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        TrainabilityReport report = TrainabilityCheck.Run(model);
        string[] without = [.. report.Findings.Where(f => f is { Problem: TrainabilityProblem.WithoutEffect, Axis: null }).Select(f => f.Weight)];
        Assert.Equal(Enumerable.Range(0, 3).Select(i => FormattableString.Invariant($"bert.encoder.layer.{i}.attention.self.key.bias")), without);
    }

    private static TrainabilityReport Grown(string file, Func<ModelMap, GrowthRequest> request)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request(map)));
        return TrainabilityCheck.Run(grown.Model);
    }

    private static TrainabilityReport WithZeros(string file, params string[] weights)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        foreach (TensorProto tensor in model.Proto.Graph.Initializer.Where(t => weights.Contains(t.Name)))
        {
            model.SetData(tensor, MemoryTensorData.From(new float[Tensors.CountOf(tensor)]));
        }

        return TrainabilityCheck.Run(model);
    }

    private static string Show(TrainabilityReport report) =>
        string.Join("; ", report.Findings.Where(f => f.Problem != TrainabilityProblem.WithoutEffect).Take(6).Select(f => $"{f.Weight} {f.Problem} axis {f.Axis} {f.Indices.Length} of {f.Extent}"));
}
