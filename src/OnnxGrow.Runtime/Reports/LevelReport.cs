using OnnxGrow.Runtime.Comparison;

namespace OnnxGrow.Runtime.Reports;

/// <summary>One level of proof: both models run on the same cases.</summary>
public sealed record LevelReport
{
    /// <summary>The level's verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Why nothing could be said, or what differs most; null where all agree.</summary>
    public string? Reason { get; init; }

    /// <summary>The execution provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Which weights of the grown model were used: as stored, or before they were rounded.</summary>
    public required string Weights { get; init; }

    /// <summary>The tolerance.</summary>
    public required double Tolerance { get; init; }

    /// <summary>
    /// How far the source's own results are from its results in float64; measured where the two models are further apart than
    /// the usual tolerance, which then is four times this.
    /// </summary>
    public double? OwnRounding { get; init; }

    /// <summary>The smallest tolerance that would pass; null where none would, or nothing ran.</summary>
    public double? RequiredTolerance { get; init; }

    /// <summary>Each output over all cases.</summary>
    public IReadOnlyList<OutputReport> Outputs { get; init; } = [];

    /// <summary>Each case.</summary>
    public IReadOnlyList<CaseReport> Cases { get; init; } = [];
}

/// <summary>One output over all cases.</summary>
/// <param name="Name">The output.</param>
/// <param name="Verdict">Its verdict.</param>
/// <param name="WorstCase">The case in which it is furthest apart.</param>
/// <param name="Worst">How far it is there.</param>
/// <param name="MaxAbsolute">The largest absolute difference of any case.</param>
/// <param name="MaxUlp">The largest distance in ULP of any case.</param>
/// <param name="UlpHistogram">Elements of all cases by ULP: equal, 1, 2-3, 4-7, ...</param>
/// <param name="ArgMaxAgreement">The lowest agreement of any case; null where rows are short.</param>
/// <param name="MaxKl">The largest divergence of any case; null where rows are short.</param>
public sealed record OutputReport(
    string Name,
    Verdict Verdict,
    string WorstCase,
    TensorComparison Worst,
    double MaxAbsolute,
    long MaxUlp,
    IReadOnlyList<long> UlpHistogram,
    double? ArgMaxAgreement,
    double? MaxKl);

/// <summary>One case.</summary>
/// <param name="Name">The case.</param>
/// <param name="Verdict">Its verdict.</param>
/// <param name="RequiredTolerance">The smallest tolerance that would pass; null where none would.</param>
/// <param name="Difference">What differs, where something does.</param>
public sealed record CaseReport(string Name, Verdict Verdict, double? RequiredTolerance, string? Difference);
