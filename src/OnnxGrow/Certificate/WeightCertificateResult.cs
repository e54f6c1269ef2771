using System.Collections.Immutable;
using OnnxGrow.Growth;

namespace OnnxGrow.Certificate;

/// <summary>What was found about one grown weight.</summary>
public sealed record WeightCertificateResult
{
    /// <summary>Name of the grown weight.</summary>
    public required string Name { get; init; }

    /// <summary>How exact the weight has to be.</summary>
    public required Exactness Class { get; init; }

    /// <summary>Whether W~ P_in = P_out W holds: exactly in the exact classes, within the bound otherwise.</summary>
    public required bool Passed { get; init; }

    /// <summary>
    /// The largest difference between an entry of W~ P_in and of P_out W; infinite where an entry is not a number or
    /// infinite and should not be, or where the weight has not the size or the type that it should have.
    /// </summary>
    public required double MaxResidual { get; init; }

    /// <summary>The difference that rounding allows at the entry of <see cref="MaxResidual"/>; 0 in the exact classes.</summary>
    public required double Bound { get; init; }

    /// <summary>The number of grown entries that were checked: all, unless the size or the type is wrong.</summary>
    public required long EntriesChecked { get; init; }

    /// <summary>
    /// Index of the first grown entry that fails; of entries that share a source entry, the first. Empty where all pass.
    /// </summary>
    public ImmutableArray<long> FirstOffending { get; init; } = [];

    /// <summary>
    /// Whether entries that are computed rather than copied are infinite or no numbers, as their source is: they stand where they
    /// should, and no arithmetic over them is lossless.
    /// </summary>
    public bool SumsNotFinite { get; init; }

    /// <summary>All that in a line.</summary>
    public required string Text { get; init; }
}
