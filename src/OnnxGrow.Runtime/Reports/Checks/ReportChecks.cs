using System.Globalization;
using OnnxGrow.Runtime.Comparison;

namespace OnnxGrow.Runtime.Reports.Checks;

/// <summary>An equivalence report as a list of checks, as test reports and failure messages have them.</summary>
public static class ReportChecks
{
    /// <summary>The checks of a report, in the order in which they are made; the verdict over all of them is not among them.</summary>
    public static IReadOnlyList<ReportCheck> Of(EquivalenceReport report)
    {
        return
        [
            .. Interface(report.InterfaceDifferences),
            .. Certificate(report.Certificate),
            .. Level(CheckRule.Float64, report.Witness),
            .. Level(CheckRule.AsShipped, report.AsShipped),
        ];
    }

    /// <summary>What is known of the first place inside the graphs where the two part, line by line; empty where nothing is.</summary>
    public static IReadOnlyList<string> FirstDifference(EquivalenceReport report)
    {
        if (report.Verdict != Verdict.NotEquivalent || report.Layers is not { } layers)
        {
            return [];
        }

        var lines = new List<string>();
        double tolerance = (layers.InFloat64 ? report.Witness : report.AsShipped)?.Tolerance ?? 0;
        if (layers.ByLayer.FirstOrDefault(l => l.MaxRelative is { } e && !(e <= tolerance)) is { } first)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"layer {first.Layer} is the first whose result differs: '{Text.Name(first.Source)}' and '{Text.Name(first.Grown)}' are {first.MaxRelative:0.0e+0} apart (tolerance {tolerance:0.0e+0})"));
        }

        lines.Add(layers.Text);
        return lines;
    }

    private static IEnumerable<ReportCheck> Interface(IReadOnlyList<string> differences) => differences.Count == 0
        ? [new(CheckRule.Interface, null, CheckOutcome.Passed, "inputs and outputs correspond")]
        : differences.Select(d => new ReportCheck(CheckRule.Interface, null, CheckOutcome.Failed, d));

    private static IEnumerable<ReportCheck> Certificate(CertificateSummary? certificate)
    {
        if (certificate is null)
        {
            return [];
        }

        return certificate is { Ran: true, Passed: false, Faults.Count: > 0 }
            ? certificate.Faults.Select(f => new ReportCheck(CheckRule.Certificate, f.Tensor, CheckOutcome.Failed, f.Text))
            : [new(CheckRule.Certificate, null, Outcome(certificate.Verdict), certificate.Text)];
    }

    private static IEnumerable<ReportCheck> Level(CheckRule rule, LevelReport? level)
    {
        if (level is null)
        {
            yield break;
        }

        foreach (OutputReport output in level.Outputs)
        {
            yield return new(rule, output.Name, Outcome(output.Verdict), Describe(output, level));
        }

        // What no output shows: nothing ran, the grown model does not load, or it does not run on a case that the source runs on.
        if (level.Outputs.Count == 0 || (level.Verdict != Verdict.Equivalent && level.Outputs.All(o => o.Verdict != level.Verdict)))
        {
            yield return new(rule, null, Outcome(level.Verdict), level.Reason ?? "nothing was compared");
        }
    }

    private static string Describe(OutputReport output, LevelReport level)
    {
        TensorComparison worst = output.Worst;
        string place = $"({Text.Name(output.WorstCase)})";
        if (worst.Mismatch is { } mismatch)
        {
            return $"{mismatch} {place}";
        }

        string index = worst.WorstIndex is { } at ? $" at [{string.Join(", ", at.Select(i => i.ToString(CultureInfo.InvariantCulture)))}]" : "";
        string nan = worst.RequiredTolerance is null
            ? string.Create(CultureInfo.InvariantCulture, $"; not numbers: {worst.NaNInSource} in the source only, {worst.NaNInGrown} in the grown model only, {worst.NaNInBoth} in both; infinities that differ: {worst.InfinityDiffers}")
            : "";
        string ulps = output.MaxUlp == long.MaxValue ? "too many ULP to count" : string.Create(CultureInfo.InvariantCulture, $"{output.MaxUlp} ULP");
        string winners = output.ArgMaxAgreement is { } share ? string.Create(CultureInfo.InvariantCulture, $", arg-max agrees on {share * 100:0.0##} %") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"worst relative error {worst.MaxRelative:0.0e+0}{index} {place}, tolerance {level.Tolerance:0.0e+0}; largest absolute error {output.MaxAbsolute:0.0e+0}, {ulps}{winners}{nan}");
    }

    private static CheckOutcome Outcome(Verdict verdict) => verdict switch
    {
        Verdict.Equivalent => CheckOutcome.Passed,
        Verdict.NotEquivalent => CheckOutcome.Failed,
        _ => CheckOutcome.NotRun,
    };
}
