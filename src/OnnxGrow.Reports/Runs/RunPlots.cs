using System.Globalization;
using OnnxGrow.Reports.Html;

namespace OnnxGrow.Reports.Runs;

/// <summary>The plots of a report, with what switches them and with their numbers.</summary>
internal static class RunPlots
{
    private const int MostRows = 25;

    /// <summary>Writes the plots.</summary>
    public static void Write(HtmlWriter html, IReadOnlyList<RunData> runs)
    {
        html.Open("section", ("aria-labelledby", "curves")).Element("h2", "Curves", ("id", "curves"));
        html.Open("noscript").Element("p", "The plots are drawn by a script of this page; their numbers are in the tables below each.").Close();
        Controls(html, runs);
        Loss(html, runs);
        Plot(html, runs, "norm", "Norm of the gradients, before clipping", "norm", r => r.Curves.Norm, " Its axis is logarithmic.");
        Plot(html, runs, "rate", "Schedule: the learning rate", "learning rate", r => r.Curves.Rate, "");
        html.Close();
    }

    private static void Controls(HtmlWriter html, IReadOnlyList<RunData> runs)
    {
        html.Open("form", ("id", "controls"), ("class", "controls"));
        html.Open("fieldset").Element("legend", "Horizontal axis");
        bool flops = runs.Any(r => r.FlopsAt(1) is not null);
        Choice(html, "radio", "axis", "step", "steps", true, false);
        Choice(html, "radio", "axis", "flops", "FLOPs", false, !flops);
        Choice(html, "radio", "axis", "seconds", "seconds", false, false);
        Choice(html, "radio", "axis", "entries", RunScript.EntriesOf(runs), false, false);
        html.Close();
        html.Open("fieldset").Element("legend", runs.Count == 1 ? "Run" : "Runs");
        for (int i = 0; i < runs.Count; i++)
        {
            html.Open("label").Void("input", ("type", "checkbox"), ("name", "run"), ("value", i.ToString(CultureInfo.InvariantCulture)), ("checked", "checked"));
            html.Open("span", ("class", "swatch c" + Colour(i)), ("aria-hidden", "true")).Close().Element("span", runs[i].Name).Close();
        }

        html.Close();
        html.Open("fieldset").Element("legend", "Loss");
        Choice(html, "checkbox", "log", "log", "logarithmic", false, false);
        html.Close().Close();
        if (runs.Where(r => r.FlopsAt(1) is null).Select(r => r.Name).ToArray() is { Length: > 0 } without)
        {
            html.Element("p", $"Floating-point operations are not known of {Text.Some(without)}: there is no file .run.json beside the log. Over FLOPs {(without.Length == 1 ? "this run is" : "these runs are")} not drawn.", ("class", "note"));
        }
    }

    /// <summary>The number of a run's colour; after the eighth they begin anew, with dashes.</summary>
    public static string Colour(int run) => ((run % 8) + 1).ToString(CultureInfo.InvariantCulture);

    private static void Choice(HtmlWriter html, string type, string name, string value, string text, bool chosen, bool disabled) => html
        .Open("label").Void("input", ("type", type), ("name", name), ("value", value), ("checked", chosen ? "checked" : null), ("disabled", disabled ? "disabled" : null))
        .Element("span", text).Close();

    private static void Loss(HtmlWriter html, IReadOnlyList<RunData> runs)
    {
        string summary = string.Join(" ", runs.Select(r =>
            $"{r.Name}: training loss from {Show.Figure(r.Curves.Loss is [var first, ..] ? first.Value : null)} to {Show.Figure(r.Curves.LastSmoothed)}"
            + (r.Curves.LastValidation is { } v ? $", validation loss from {Show.Figure(r.Curves.FirstValidation?.ValidationLoss)} to {Show.Figure(v.ValidationLoss)}." : ".")));
        Begin(html, "loss", "Loss. " + summary, "Loss: training (line: smoothed; faint: each step) and validation (points).");
        Details(html, "training loss", runs, r => r.Curves.Smoothed, "smoothed loss");
        Details(html, "validation loss", [.. runs.Where(r => r.Curves.Validation.Count > 0)], r => r.Curves.Validation, "validation loss");
        html.Close();
    }

    private static void Plot(HtmlWriter html, IReadOnlyList<RunData> runs, string id, string caption, string column, Func<RunData, IReadOnlyList<SeriesPoint>> of, string more)
    {
        string summary = string.Join(" ", runs.Where(r => of(r).Count > 0).Select(r =>
            $"{r.Name}: from {Show.Figure(of(r)[0].Value)} to {Show.Figure(of(r)[^1].Value)}, at most {Show.Figure(of(r).Max(p => p.Value))}."));
        Begin(html, id, $"{caption}. {summary}", caption + "." + more);
        Details(html, column, runs, of, column);
        html.Close();
    }

    private static void Begin(HtmlWriter html, string id, string label, string caption)
    {
        html.Open("figure", ("class", "plot"));
        html.Open("figcaption").Text(caption).Close();
        html.Open("div", ("class", "canvas"), ("data-plot", id), ("role", "img"), ("aria-label", label)).Close();
        html.Open("p", ("class", "readout"), ("data-readout", id), ("aria-hidden", "true")).Close();
    }

    private static void Details(HtmlWriter html, string what, IReadOnlyList<RunData> runs, Func<RunData, IReadOnlyList<SeriesPoint>> of, string column)
    {
        if (runs.Count == 0)
        {
            return;
        }

        html.Open("details").Element("summary", $"Numbers: {what}");
        foreach (RunData run in runs)
        {
            NumberTable.Write(
                html,
                $"{run.Name}: {what}",
                ["step", run.EntryKind, "seconds", "FLOPs", column],
                Some(of(run)).Select(p => (IReadOnlyList<string>)
                    [Text.Number(p.Step), Text.Number(p.Entries), Show.Figure(Math.Round(p.Seconds, 2)), Show.Flops(run.FlopsAt(p.Step)), Show.Figure(p.Value)]));
        }

        html.Close();
    }

    /// <summary>Points spread evenly over a curve, the first and the last among them.</summary>
    private static IEnumerable<SeriesPoint> Some(IReadOnlyList<SeriesPoint> points) => points.Count <= MostRows
        ? points
        : Enumerable.Range(0, MostRows).Select(i => points[(int)((long)i * (points.Count - 1) / (MostRows - 1))]);
}
