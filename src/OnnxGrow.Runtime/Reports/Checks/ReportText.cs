using System.Text;

namespace OnnxGrow.Runtime.Reports.Checks;

/// <summary>A whole equivalence report as plain text: verdict, checks, first difference, where to look, the command by hand.</summary>
public static class ReportText
{
    private const int MostChecks = 60;

    /// <summary>The report, lines ended by "\n", the same text for the same report.</summary>
    public static string Of(EquivalenceReport report)
    {
        var text = new StringBuilder();
        Line(text, report.Summary);
        Line(text, $"  source  {File(report.Source)}");
        Line(text, $"  grown   {File(report.Grown)}");
        IReadOnlyList<ReportCheck> checks = ReportChecks.Of(report);
        Line(text, "");
        Line(text, "What was checked:");
        foreach (ReportCheck check in checks.OrderByDescending(c => c.Outcome == CheckOutcome.Failed).Take(MostChecks))
        {
            Line(text, $"  {Word(check.Outcome),-8}{check.Name}: {check.Message}");
        }

        if (checks.Count > MostChecks)
        {
            Line(text, FormattableString.Invariant($"  and {checks.Count - MostChecks} more"));
        }

        Section(text, "Where the two part:", ReportChecks.FirstDifference(report));
        Section(text, "Where to look:", checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Rule.Help).Distinct(StringComparer.Ordinal));
        if (report is { Source: not null, Grown: not null })
        {
            Section(text, "By hand:", [Command(report.Source, report.Grown)]);
        }

        return text.ToString();
    }

    /// <summary>The command that makes the comparison again and names the first difference, quoted for a POSIX shell.</summary>
    public static string Command(string source, string grown) => $"onnxgrow verify {Quoted(source)} {Quoted(grown)} --layers";

    /// <summary>One word for an outcome.</summary>
    public static string Word(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Passed => "passed",
        CheckOutcome.Failed => "FAILED",
        _ => "not run",
    };

    private static void Section(StringBuilder text, string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (all.Length == 0)
        {
            return;
        }

        Line(text, "");
        Line(text, title);
        foreach (string line in all)
        {
            Line(text, "  " + line);
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(Text.Shown(line)).Append('\n');

    private static string File(string? path) => path is null ? "a model in memory" : Text.Shown(path);

    private static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':') && word[0] != '-'
        ? word
        : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
