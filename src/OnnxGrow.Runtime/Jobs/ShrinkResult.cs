using System.Collections.Immutable;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>How near to the source a shrunk model is; ordered, the worse the larger.</summary>
public enum ShrinkOutcome
{
    /// <summary>The file is the source's, byte for byte.</summary>
    SameFile,

    /// <summary>Every tensor is the source's, bit for bit; the file may store them in another way.</summary>
    SameTensors,

    /// <summary>Every tensor is the source's, some within rounding.</summary>
    Rounded,

    /// <summary>The grown model was changed since: what it gives is not the source.</summary>
    Changed,
}

/// <summary>What came of shrinking.</summary>
public sealed record ShrinkResult
{
    /// <summary>Where the model was to go.</summary>
    public required string Output { get; init; }

    /// <summary>Whether it is there.</summary>
    public required bool Written { get; init; }

    /// <summary>How near to the source it is.</summary>
    public required ShrinkOutcome Outcome { get; init; }

    /// <summary>The outcome in words.</summary>
    public required string Verdict { get; init; }

    /// <summary>Tensors that were read back from grown ones.</summary>
    public required int Inverted { get; init; }

    /// <summary>Tensors that the grown model has as they are.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Tensors that come back within rounding only.</summary>
    public required int Rounded { get; init; }

    /// <summary>Tensors that are not the source's, because the grown model's were changed.</summary>
    public required ImmutableArray<string> Changed { get; init; }

    /// <summary>Whether the grown model is a growth of the result by its plan, weight by weight.</summary>
    public required CertificateSummary Certificate { get; init; }

    /// <summary>What was compared; null where nothing was.</summary>
    public EquivalenceReport? Report { get; init; }

    /// <summary>What the command ends with.</summary>
    public required ExitCode ExitCode { get; init; }
}
