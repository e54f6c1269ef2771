namespace OnnxGrow.Training.Ligo;

/// <summary>What came of learning growth operators.</summary>
public sealed record LigoResult
{
    /// <summary>Steps of learning.</summary>
    public required long Steps { get; init; }

    /// <summary>Numbers that were learned: entries of operators, and weights of layers.</summary>
    public required long Learned { get; init; }

    /// <summary>Operators and mixtures.</summary>
    public required int Operators { get; init; }

    /// <summary>Weights of the grown model that were computed by them.</summary>
    public required int Weights { get; init; }

    /// <summary>The validation loss of the start, before the first step; null where the recipe has no validation data.</summary>
    public required double? LossBefore { get; init; }

    /// <summary>The validation loss of the model that was written; null where the recipe has no validation data.</summary>
    public double? LossAfter => KeptStart ? LossBefore : LossLearned;

    /// <summary>The validation loss after the last step.</summary>
    public required double? LossLearned { get; init; }

    /// <summary>Whether the start was written, because learning has made it worse.</summary>
    public bool KeptStart => LossLearned > LossBefore;

    /// <summary>Seconds of the steps and evaluations.</summary>
    public required double Seconds { get; init; }

    /// <summary>Floating-point operations of a step (see <see cref="Differentiation.TrainingCost"/> for what is counted).</summary>
    public required double FlopsPerStep { get; init; }

    /// <summary>The grown model.</summary>
    public required string Output { get; init; }
}
