using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.Runs;
using OnnxGrow.Training.Tests.Data;
using Xunit;

namespace OnnxGrow.Training.Tests;

/// <summary>The trained models under models/base: as small as promised, as good as their logs say, and they grow without loss.</summary>
public sealed class BaseModelTests
{
    [Theory]
    [InlineData("gpt")]
    [InlineData("bert")]
    [InlineData("vit")]
    public void A_base_model_is_small_has_learned_and_has_its_recipes(string name)
    {
        Assert.InRange(new FileInfo(PathOf(name + ".onnx")).Length, 1, 5_000_000);
        TrainingRecipe recipe = TrainingRecipe.Load(PathOf(name + ".yaml"));
        Assert.NotNull(TrainingRecipe.Load(PathOf(name + "-on.yaml")));
        LogEntry[] evaluations = [.. TrainingLog.Read(PathOf(name + ".log.jsonl")).Where(e => e.ValidationLoss is not null)];
        Assert.Equal(recipe.Steps, evaluations[^1].Step);
        Assert.True(evaluations[^1].ValidationLoss < 0.6 * evaluations[0].ValidationLoss);
    }

    [Theory]
    [InlineData("gpt", 160)]
    [InlineData("bert", 192)]
    [InlineData("vit", 160)]
    public void A_base_model_grows_without_loss(string name, long hidden)
    {
        using var folder = new TemporaryFolder();
        using GrowthJob job = GrowthJob.Open(PathOf(name + ".onnx"));
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(Planner.Plan(job.Map, new GrowthRequest { Hidden = hidden, Layers = 6 })));
        GrowthResult result = job.WriteVerified(grown, folder.File("grown.onnx"), new EquivalenceOptions());
        Assert.Equal(Verdict.Equivalent, result.Report!.Verdict);
    }

    [DataFileFact("state-of-the-union", "state-of-the-union")]
    public void The_gpt_has_the_loss_of_its_log() => HasTheLossOfItsLog("gpt");

    [DataFileFact("state-of-the-union", "state-of-the-union")]
    public void The_bert_has_the_loss_of_its_log() => HasTheLossOfItsLog("bert");

    [DataFileFact("fashion-mnist", "fashion-mnist")]
    public void The_vit_has_the_loss_of_its_log() => HasTheLossOfItsLog("vit");

    private static void HasTheLossOfItsLog(string name)
    {
        using var folder = new TemporaryFolder();
        TrainingRecipe recipe = TrainingRecipe.Load(PathOf(name + ".yaml"));
        recipe = recipe with { Schedule = recipe.Schedule with { Steps = 1, MaxRate = 0, MinRate = 0, Warmup = 0 }, CheckpointEvery = 0 };
        var options = new RunOptions { Model = PathOf(name + ".onnx"), Recipe = PathOf(name + ".yaml"), Output = folder.File("out.onnx") };
        RunResult result = TrainingRun.Run(options, recipe, null, default);
        LogEntry last = TrainingLog.Read(PathOf(name + ".log.jsonl")).Last(e => e.ValidationLoss is not null);
        Assert.Equal(last.ValidationLoss!.Value, result.First!.ValidationLoss!.Value, 1e-3);
    }

    private static string PathOf(string file) => Path.Combine(Repository.Root, "models", "base", file);
}
