using System.Globalization;
using OnnxGrow.Reports.Html;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Reports.Equivalence;

/// <summary>The verdict on all three levels.</summary>
internal static class VerdictSection
{
    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, EquivalenceReport? report)
    {
        html.Open("section", ("aria-labelledby", "verdict")).Element("h2", "Verdict", ("id", "verdict"));
        if (report is null)
        {
            html.Element("p", "Nothing was proved.").Close();
            return;
        }

        html.Element("p", report.Summary).Open("ul", ("class", "verdicts"));
        Card(html, "Certificate", "over the weights", report.Certificate?.Verdict, report.Certificate?.Text ?? Missing(report));
        Card(html, "Witness", "both graphs in float64", report.Witness?.Verdict, report.Witness is null ? Missing(report) : Describe(report.Witness));
        Card(html, "As shipped", "both models as they are", report.AsShipped?.Verdict, report.AsShipped is null ? Missing(report) : Describe(report.AsShipped));
        html.Close();
        foreach (string difference in report.InterfaceDifferences.Skip(1))
        {
            html.Element("p", difference);
        }

        if (report.AsShipped is { Outputs.Count: > 0 } shipped)
        {
            NumberTable.Write(html, "Outputs as shipped, over all cases", ["output", "max. abs.", "max. rel.", "max. ULP", "arg-max agrees", "worst case"], shipped.Outputs.Select(o => (IReadOnlyList<string>)
                [o.Name, Show.Figure(o.MaxAbsolute), o.Worst.Mismatch ?? Show.Figure(o.Worst.MaxRelative), Text.Number(o.MaxUlp), Show.Share(o.ArgMaxAgreement), o.WorstCase]));
        }

        html.Close();
    }

    private static void Card(HtmlWriter html, string level, string what, Verdict? verdict, string text)
    {
        string word = verdict switch
        {
            Verdict.Equivalent => "equivalent",
            Verdict.NotEquivalent => "NOT equivalent",
            _ => "not run",
        };
        html.Open("li", ("class", verdict switch { Verdict.Equivalent => "good", Verdict.NotEquivalent => "bad", _ => null }));
        html.Element("strong", $"{level}: {word}").Element("p", what, ("class", "note")).Element("p", text).Close();
    }

    private static string Missing(EquivalenceReport report) => report.InterfaceDifferences.Count > 0 ? "not run: inputs or outputs of the two differ" : "not asked for";

    private static string Describe(LevelReport level) =>
        level.RequiredTolerance is { } required
            ? string.Create(CultureInfo.InvariantCulture, $"worst relative error {required:0.0e+0}, tolerance {level.Tolerance:0.0e+0}, {level.Cases.Count} cases, {level.Provider}, weights {level.Weights}")
            : level.Reason ?? "no figure";
}
