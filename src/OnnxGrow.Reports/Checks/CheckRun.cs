using OnnxGrow.Runtime.Reports;
using OnnxGrow.Runtime.Reports.Checks;

namespace OnnxGrow.Reports.Checks;

/// <summary>One run of a command that proves something, as test reports tell it.</summary>
public sealed record CheckRun
{
    /// <summary>The command: "verify" or "grow".</summary>
    public required string Command { get; init; }

    /// <summary>The first model, as the command line names it.</summary>
    public required string Source { get; init; }

    /// <summary>The second, likewise.</summary>
    public required string Grown { get; init; }

    /// <summary>What was compared; null where nothing was.</summary>
    public EquivalenceReport? Report { get; init; }

    /// <summary>The outcome in a sentence; with an error, the error.</summary>
    public required string Summary { get; init; }

    /// <summary>What the command ends with.</summary>
    public required ExitCode ExitCode { get; init; }

    /// <summary>Whether the command could not do its work, so that nothing is known of the models.</summary>
    public bool IsError { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Checks besides those of the report.</summary>
    public IReadOnlyList<ReportCheck> More { get; init; } = [];

    /// <summary>All checks but the verdict.</summary>
    public IReadOnlyList<ReportCheck> Checks => Report is null ? More : [.. ReportChecks.Of(Report), .. More];

    /// <summary>The verdict as a check: not run where nothing was to be proved, failed where nothing could be.</summary>
    public ReportCheck Verdict => new(
        CheckRule.Verdict,
        null,
        IsError ? CheckOutcome.Failed
            : Report is null ? CheckOutcome.NotRun
            : Report.Verdict == Runtime.Comparison.Verdict.Equivalent ? CheckOutcome.Passed
            : CheckOutcome.Failed,
        Summary);

    /// <summary>Whether the command did its work and nothing is wrong with the models.</summary>
    public bool Passed => ExitCode == ExitCode.Success;

    /// <summary>The verdict in one or two words.</summary>
    public string Word => IsError ? "error" : Report?.Verdict switch
    {
        null => "nothing to prove",
        Runtime.Comparison.Verdict.Equivalent => "equivalent",
        Runtime.Comparison.Verdict.NotEquivalent => "not equivalent",
        _ => "not verified",
    };

    /// <summary>The command that finds where the two part, by hand; null where there is nothing to compare.</summary>
    public string? ByHand => Command == "verify" && !IsError ? ReportText.Command(Source, Grown) : null;
}
