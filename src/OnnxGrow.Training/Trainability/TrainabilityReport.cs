using System.Collections.Immutable;

namespace OnnxGrow.Training.Trainability;

/// <summary>What stands in the way of learning.</summary>
public enum TrainabilityProblem
{
    /// <summary>The gradient is zero at the first step, and no longer when other weights have moved: a new block that adds nothing.</summary>
    ZeroAtFirst,

    /// <summary>The gradient is zero at every step, though elsewhere it would not be: two factors of a product are both zero.</summary>
    ZeroForEver,

    /// <summary>Copies have equal gradients at every step, so that they stay one.</summary>
    StayEqual,

    /// <summary>No output depends on it, on these batches at any values of the weights: by the architecture, or by what the batches leave out. No fault of a growth.</summary>
    WithoutEffect,
}

/// <summary>Something that was found of a weight.</summary>
/// <param name="Weight">Its name.</param>
/// <param name="Problem">What.</param>
/// <param name="Axis">The axis along which entries have it; null where it is the whole weight.</param>
/// <param name="Dimension">The dimension of that axis, where it is known.</param>
/// <param name="Indices">The entries along the axis; for copies all that have a copy before them which they stay equal to.</param>
/// <param name="Extent">The extent of the axis.</param>
/// <param name="Like">For copies: the one that each of the entries stays equal to.</param>
public sealed record TrainabilityFinding(
    string Weight, TrainabilityProblem Problem, int? Axis, string? Dimension, ImmutableArray<int> Indices, long Extent, ImmutableArray<int> Like)
{
    /// <summary>Whether it keeps the model from learning what its size would let it.</summary>
    public bool IsFault => Problem is TrainabilityProblem.ZeroForEver or TrainabilityProblem.StayEqual;
}

/// <summary>What can learn in a model, and what cannot (growth-math, section 5).</summary>
/// <param name="Weights">How many weights were looked at.</param>
/// <param name="Batches">On how many batches.</param>
/// <param name="Steps">After how many steps of the optimizer.</param>
/// <param name="Findings">What was found, by weight.</param>
public sealed record TrainabilityReport(int Weights, int Batches, int Steps, ImmutableArray<TrainabilityFinding> Findings)
{
    /// <summary>Whether all that can learn does.</summary>
    public bool IsTrainable => !Findings.Any(f => f.IsFault);

    /// <summary>0 where all that can learn does, else 1.</summary>
    public ExitCode ExitCode => IsTrainable ? ExitCode.Success : ExitCode.NotEquivalent;
}
