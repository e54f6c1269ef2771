using OnnxGrow.Onnx;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Recipes;

namespace OnnxGrow.Training.Runs;

/// <summary>Collects what the record of a run says.</summary>
internal static class RunRecorder
{
    /// <summary>The record of a run that is about to begin.</summary>
    /// <param name="options">The run.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="model">The model as it was read.</param>
    /// <param name="trainable">The same, prepared.</param>
    /// <param name="samples">Samples of a batch.</param>
    /// <param name="entries">Entries that count in the first batch.</param>
    public static RunRecord Of(RunOptions options, TrainingRecipe recipe, OnnxModel model, TrainableModel trainable, long samples, long entries)
    {
        TrainingCost cost = TrainingCost.Of(trainable, recipe.Loss);
        return new RunRecord
        {
            Model = TrackedFile.Of(options.Model),
            Recipe = TrackedFile.Of(options.Recipe),
            RecipeText = YamlText.ReadFile(options.Recipe, "recipe").Text,
            State = options.State is null ? null : TrackedFile.Of(options.State),
            Output = Path.GetFileName(options.Output),
            TrainedParameters = trainable.Parameters.Sum(p => p.Count),
            FrozenParameters = FrozenElements(model, trainable),
            Engine = options.Engine,
            Runtime = Engines.Describe(options.Engine),
            Provider = options.Provider,
            Threads = recipe.Threads > 0 ? recipe.Threads : Environment.ProcessorCount,
            FlopsForward = cost.Forward,
            FlopsBackward = cost.Backward,
            BatchesPerStep = recipe.Accumulate,
            SamplesPerBatch = samples,
            EntriesPerBatch = entries,
            EntryKind = recipe.Data.Kind switch
            {
                DataKind.Text or DataKind.Mlm => "tokens",
                DataKind.Images or DataKind.Folder => "images",
                _ => "entries",
            },
            Steps = recipe.Steps,
        };
    }

    private static long FrozenElements(OnnxModel model, TrainableModel trainable)
    {
        HashSet<string> frozen = [.. trainable.Frozen.Select(f => f.Name)];
        return ParameterChoice.TensorsOf(model.Proto.Graph).Where(t => frozen.Contains(t.Name)).DistinctBy(t => t.Name)
            .Select(t => OnnxGrow.Onnx.Tensors.CountOf(t.Tensor)).Where(count => count > 1).Sum();
    }
}
