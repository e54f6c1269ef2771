using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Schedules;

namespace OnnxGrow.Training.Recipes;

/// <summary>How growth operators are learned: what a recipe says under `learn`.</summary>
public sealed record LearnRecipe
{
    /// <summary>Rates over the steps.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Weight decay of operators.</summary>
    public double WeightDecay { get; init; }

    internal IOptimizer Optimizer { get; init; } = new AdamW();
}
