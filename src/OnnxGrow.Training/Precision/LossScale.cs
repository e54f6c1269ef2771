namespace OnnxGrow.Training.Precision;

/// <summary>
/// What gradients are multiplied with while they are narrow, so that small ones are not lost (Micikevicius et al. 2018, arXiv
/// 1710.03740): halved where they overflow, doubled after so many steps in which they did not.
/// </summary>
public sealed record LossScale
{
    /// <summary>What it begins with unless the recipe says so, as PyTorch's does.</summary>
    public const double Usual = 65536;

    /// <summary>Steps without an overflow before it is doubled.</summary>
    public const int Patience = 2000;

    /// <summary>The scale.</summary>
    public double Value { get; init; } = Usual;

    /// <summary>Steps without an overflow since it last changed.</summary>
    public int Good { get; init; }

    /// <summary>Steps that were skipped in the whole run.</summary>
    public long Skipped { get; init; }

    /// <summary>Whether it is too small to go on: the gradients overflow, or are no numbers, without it.</summary>
    internal bool IsSpent => Value < 1;

    /// <summary>After a step.</summary>
    /// <param name="overflow">Whether its gradients were no finite numbers.</param>
    internal LossScale After(bool overflow) =>
        overflow ? this with { Value = Value / 2, Good = 0, Skipped = Skipped + 1 }
        : Good + 1 < Patience ? this with { Good = Good + 1 }
        : this with { Value = Value * 2, Good = 0 };
}
