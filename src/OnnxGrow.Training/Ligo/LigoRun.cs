using System.Diagnostics;
using System.Text.Json.Nodes;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Training.Ligo;

/// <summary>
/// LiGO: grows a model by operators that are learned in a few steps of its own task, the source's weights being as they are
/// (Wang et al., ICLR 2023; growth-math, section 8).
/// </summary>
public static class LigoRun
{
    /// <summary>The metadata that says how the operators were learned, as JSON.</summary>
    public const string Metadata = "onnxgrow.learned";

    /// <summary>Learns, and writes the grown model.</summary>
    /// <param name="job">The source.</param>
    /// <param name="plan">What to grow; its method does not count.</param>
    /// <param name="run">Recipe, output, provider and so on; its model does not count.</param>
    /// <param name="options">How the operators are tied, and where they begin.</param>
    /// <param name="observer">Is told what happens; null for nobody.</param>
    /// <param name="cancellation">Stops it; nothing is left behind but the log.</param>
    /// <exception cref="BadInputException">A file or the recipe cannot be used.</exception>
    /// <exception cref="CannotGrowException">The model cannot be grown so.</exception>
    /// <exception cref="CannotTrainException">The model cannot be trained so, or the loss is no number any more.</exception>
    public static LigoResult Run(
        GrowthJob job, GrowthPlan plan, RunOptions run, LigoOptions options, IRunObserver? observer = null, CancellationToken cancellation = default)
    {
        job.CheckOutput(run.Output, run.Force);
        TrainingRecipe recipe = TrainingRecipe.Load(run.Recipe);
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(plan with { Method = "lemon" }), cancellation);
        using TrainableModel trainable = TrainableModel.Of(grown.Model, ExampleInputs.Of(grown.Model), recipe.Weights);
        using LockedFolder folder = ScratchFolder.Create();
        using LearningModel learning = LearningModel.Of(grown, trainable, options, cancellation);
        RunOptions inner = run with
        {
            Model = Path.Combine(folder.Path, "learning.onnx"),
            Output = Path.Combine(folder.Path, "learned.onnx"),
            LogPath = run.LogPath,
            RecordPath = run.RecordPath,
            State = null,
            Resume = false,
            Force = true,
        };
        learning.Model.Save(inner.Model, new SaveOptions { Cancellation = cancellation });
        var watch = Stopwatch.StartNew();
        RunResult result = TrainingRun.Run(inner, OperatorRecipe(recipe, learning), observer, cancellation);
        var found = new LigoResult
        {
            Steps = result.Steps,
            Learned = learning.Elements,
            Operators = learning.Learned.Count,
            Weights = learning.Weights.Count,
            LossBefore = result.First?.ValidationLoss,
            LossLearned = result.Last?.ValidationLoss,
            Seconds = watch.Elapsed.TotalSeconds,
            FlopsPerStep = RunRecord.Read(run.RecordPath).FlopsPerStep(),
            Output = run.Output,
        };
        using (OnnxModel learned = OnnxModel.Open(found.KeptStart ? inner.Model : inner.Output, run.Limits))
        {
            IReadOnlyDictionary<string, RuntimeTensor> weights = ConstantPart.Of(learned, learning.Weights, cancellation);
            TrainedModel.PutBack(grown.Model, [.. weights.Keys], name => weights[name], trainable.Ties);
        }

        PlanMetadata.Write(grown.Model.Proto, grown.Plan with { Method = Growth.Methods.Ligo.MethodName });
        PlanMetadata.SetVerdict(grown.Model.Proto, $"lossy by design ({Growth.Methods.Ligo.MethodName})");
        PlanMetadata.Set(grown.Model.Proto, Metadata, Describe(found, options).ToJsonString());
        grown.Model.Save(run.Output, new SaveOptions { Cancellation = cancellation });
        return found;
    }

    /// <summary>The recipe with the operators in the weights' place.</summary>
    private static TrainingRecipe OperatorRecipe(TrainingRecipe recipe, LearningModel learning) => recipe with
    {
        Schedule = recipe.Learn.Schedule,
        Optimizer = recipe.Learn.Optimizer,
        WeightDecay = recipe.Learn.WeightDecay,
        Weights = new ParameterFilter { Only = learning.Learned.ToHashSet(StringComparer.Ordinal) },
        EvaluateEvery = 0,
        CheckpointEvery = 0,
    };

    private static JsonObject Describe(LigoResult result, LigoOptions options) => new()
    {
        ["tying"] = options.Tying.ToString().ToLowerInvariant(),
        ["start"] = options.Start.ToString().ToLowerInvariant(),
        ["steps"] = result.KeptStart ? 0 : result.Steps,
        ["learned"] = result.Learned,
        ["loss_before"] = result.LossBefore,
        ["loss_after"] = result.LossAfter,
    };
}
