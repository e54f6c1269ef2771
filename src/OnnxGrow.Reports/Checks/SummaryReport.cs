using System.Text;
using OnnxGrow.Runtime.Reports.Checks;

namespace OnnxGrow.Reports.Checks;

/// <summary>A run as Markdown, as the step summary of a CI system shows it.</summary>
public static class SummaryReport
{
    private const int MostChecks = 100;
    private const string Special = "\\`*_{}[]<>()#+!|~&$@^=";

    /// <summary>The text; nothing that a model's names hold becomes markup.</summary>
    public static string Of(CheckRun run)
    {
        var text = new StringBuilder();
        text.Append("## ").Append(Mark(run)).Append(" onnxgrow ").Append(run.Command).Append(": ").Append(run.Word).Append("\n\n");
        text.Append(Escape(run.Summary)).Append("\n\n");
        text.Append("- source: ").Append(Escape(run.Source)).Append('\n');
        text.Append("- grown: ").Append(Escape(run.Grown)).Append('\n');
        text.Append(FormattableString.Invariant($"- exit code {(int)run.ExitCode}, {run.Seconds:0.0} s\n"));
        Checks(text, run.Checks);
        if (run.Report is { } report && ReportChecks.FirstDifference(report) is { Count: > 0 } lines)
        {
            text.Append("\n### Where the two part\n\n");
            foreach (string line in lines)
            {
                text.Append("- ").Append(Escape(line)).Append('\n');
            }
        }

        string[] help = [.. run.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Rule.Help).Distinct(StringComparer.Ordinal)];
        if (help.Length > 0)
        {
            text.Append("\n### Where to look\n\n");
            foreach (string line in help)
            {
                text.Append("- ").Append(Escape(line)).Append('\n');
            }

            if (run.ByHand is { } command)
            {
                text.Append("\nBy hand:\n\n").Append(Fenced(Text.Shown(command).ReplaceLineEndings("\\n")));
            }
        }

        return text.Append('\n').ToString();
    }

    private static void Checks(StringBuilder text, IReadOnlyList<ReportCheck> checks)
    {
        if (checks.Count == 0)
        {
            return;
        }

        text.Append("\n| outcome | check | found |\n|---|---|---|\n");
        foreach (ReportCheck check in checks.OrderByDescending(c => c.Outcome == CheckOutcome.Failed).Take(MostChecks))
        {
            text.Append("| ").Append(ReportText.Word(check.Outcome)).Append(" | ").Append(Escape(check.Name)).Append(" | ").Append(Escape(check.Message)).Append(" |\n");
        }

        if (checks.Count > MostChecks)
        {
            text.Append(FormattableString.Invariant($"\nand {checks.Count - MostChecks} more\n"));
        }
    }

    private static string Mark(CheckRun run) => run.IsError ? "⚠️" : run.Report?.Verdict switch
    {
        null => "➖",
        Runtime.Comparison.Verdict.Equivalent => "✅",
        Runtime.Comparison.Verdict.NotEquivalent => "❌",
        _ => "⚠️",
    };

    /// <summary>A fence that is longer than any run of backticks in the text.</summary>
    private static string Fenced(string line)
    {
        int most = 0;
        int run = 0;
        foreach (char c in line)
        {
            run = c == '`' ? run + 1 : 0;
            most = Math.Max(most, run);
        }

        string fence = new('`', Math.Max(3, most + 1));
        return $"{fence}sh\n{line}\n{fence}\n";
    }

    /// <summary>Punctuation that Markdown reads is escaped by a backslash; so is what would make an address a link.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        string line = Text.Shown(text).ReplaceLineEndings(" ");
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            bool address = (c == ':' && line.AsSpan(i).StartsWith("://", StringComparison.Ordinal))
                || (c == '.' && line.AsSpan(0, i).EndsWith("www", StringComparison.OrdinalIgnoreCase));
            if (address || Special.Contains(c, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
