using OnnxGrow.Training.Runs;

namespace OnnxGrow.Reports.Runs;

/// <summary>What a report shows of a run.</summary>
internal sealed record RunData
{
    /// <summary>Its name among the others.</summary>
    public required string Name { get; init; }

    /// <summary>What the run is of; null where no file says so.</summary>
    public RunRecord? Record { get; init; }

    /// <summary>The trained model, or the model that is trained where that is not written yet; null where neither is there.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Whether <see cref="ModelPath"/> is what the run has written.</summary>
    public bool IsTrained { get; init; }

    /// <summary>The curves.</summary>
    public required RunCurves Curves { get; init; }

    /// <summary>Operations until a step; null where they are not known.</summary>
    public double? FlopsAt(long step) => Record is { } record && record.FlopsPerStep() is > 0 and var flops ? flops * step : null;

    /// <summary>What its entries are.</summary>
    public string EntryKind => Record?.EntryKind ?? "entries";
}
