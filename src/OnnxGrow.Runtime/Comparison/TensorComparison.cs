using System.Text.Json.Serialization;

namespace OnnxGrow.Runtime.Comparison;

/// <summary>How far two tensors are apart: a = the source's, b = the grown model's.</summary>
public sealed record TensorComparison
{
    /// <summary>Name of the output.</summary>
    public required string Name { get; init; }

    /// <summary>Type and extents in the source.</summary>
    public required string Source { get; init; }

    /// <summary>Type and extents in the grown model.</summary>
    public required string Grown { get; init; }

    /// <summary>Why the two cannot be compared element by element (types, shapes, a missing output); else null.</summary>
    public string? Mismatch { get; init; }

    /// <summary>Whether the elements are floating-point numbers; others must be equal.</summary>
    public bool IsFloat { get; init; }

    /// <summary>The number of elements.</summary>
    public long Count { get; init; }

    /// <summary>max |a - b|.</summary>
    public double MaxAbsolute { get; init; }

    /// <summary>max |a - b| / max(|a| over the whole tensor, the smallest normal number).</summary>
    public double MaxRelativeToLargest { get; init; }

    /// <summary>
    /// max of |a - b| / max(|a|, <see cref="Scale"/>), element by element: the figure that the tolerance is for. The scale
    /// is a floor, so that entries near zero do not count as wrong for rounding; and it is not the largest entry, so that
    /// a few huge ones (masked logits of -1e9) do not hide an error in the others.
    /// </summary>
    public double MaxRelative { get; init; }

    /// <summary>
    /// The upper quartile of |a| over the finite entries, rounded down to a power of two; the power of two at or below
    /// max |a| where the quartile is zero; 1 where the source is all zeros.
    /// </summary>
    public double Scale { get; init; }

    /// <summary>Index of the element that <see cref="MaxRelative"/> is from; null where all are equal.</summary>
    public IReadOnlyList<long>? WorstIndex { get; init; }

    /// <summary>
    /// The largest distance in units in the last place of the stored type, over entries of at least <see cref="Scale"/>: an
    /// entry that has nearly cancelled to zero is far in ULP whatever its error.
    /// </summary>
    public long MaxUlp { get; init; }

    /// <summary>Elements by their distance in ULP: equal, 1, 2-3, 4-7, 8-15, ... up to the last that occurs.</summary>
    public IReadOnlyList<long> UlpHistogram { get; init; } = [];

    /// <summary>Cosine of the angle between the two as vectors; null where either is zero or not finite.</summary>
    public double? Cosine { get; init; }

    /// <summary>Share of rows (along the last axis) whose largest entry is at the same place; null for short rows.</summary>
    public double? ArgMaxAgreement { get; init; }

    /// <summary>The largest KL(softmax a || softmax b) of a row, as if rows were logits; null for short rows.</summary>
    public double? MaxKl { get; init; }

    /// <summary>Entries that are NaN in the source only.</summary>
    [JsonPropertyName("nan_in_source")]
    public long NaNInSource { get; init; }

    /// <summary>Entries that are NaN in the grown model only.</summary>
    [JsonPropertyName("nan_in_grown")]
    public long NaNInGrown { get; init; }

    /// <summary>Entries that are NaN in both, of which nothing can be said.</summary>
    [JsonPropertyName("nan_in_both")]
    public long NaNInBoth { get; init; }

    /// <summary>Entries that are infinite in one and not the same infinity in the other.</summary>
    public long InfinityDiffers { get; init; }

    /// <summary>Whether no tolerance would let this pass.</summary>
    public bool IsHopeless =>
        Mismatch is not null || NaNInSource > 0 || NaNInGrown > 0 || InfinityDiffers > 0 || (!IsFloat && MaxAbsolute > 0);

    /// <summary>The smallest tolerance that would pass; null where none would.</summary>
    public double? RequiredTolerance => IsHopeless ? null : MaxRelative;

    /// <summary>The verdict under a tolerance. Entries that are NaN in both are not taken for equal.</summary>
    public Verdict Judge(double tolerance) =>
        IsHopeless || MaxRelative > tolerance ? Verdict.NotEquivalent
        : NaNInBoth > 0 ? Verdict.NotVerified
        : Verdict.Equivalent;
}
