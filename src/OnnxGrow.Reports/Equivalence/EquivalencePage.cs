using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Explain;
using OnnxGrow.Reports.Html;
using OnnxGrow.Reports.Models;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Reports.Equivalence;

/// <summary>What a page about two models shows.</summary>
internal sealed record EquivalencePage
{
    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>What was decided, in a sentence.</summary>
    public required string Lead { get; init; }

    /// <summary>The source; null where it cannot be drawn.</summary>
    public ModelFigure? Source { get; init; }

    /// <summary>The grown model; null where it cannot be drawn.</summary>
    public ModelFigure? Grown { get; init; }

    /// <summary>The growth in words; null where it is not known.</summary>
    public string? Growth { get; init; }

    /// <summary>How the new weights were made.</summary>
    public ImmutableArray<WeightGrowth> Weights { get; init; } = [];

    /// <summary>What was proved; null where nothing was.</summary>
    public EquivalenceReport? Report { get; init; }

    /// <summary>The page.</summary>
    public string Write() => Page.Write(Title, Lead, null, html =>
    {
        VerdictSection.Write(html, Report);
        Models(html);
        Parts(html);
        if (Report is not null)
        {
            ErrorSection.Write(html, Report);
        }

        WeightSection.Write(html, Weights);
    });

    private string Before => Growth is null ? "First" : "Source";

    private string After => Growth is null ? "Second" : "Grown";

    private void Models(HtmlWriter html)
    {
        html.Open("section", ("aria-labelledby", "models")).Element("h2", "Models", ("id", "models"));
        if (Growth is { } growth)
        {
            html.Element("p", growth);
        }

        (string Caption, ModelFigure? Figure)[] figures = [(Before, Source), (After, Grown)];
        ModelFigureView.Write(html, [.. figures.Where(f => f.Figure is not null).Select(f => (f.Caption, f.Figure!))]);
        if (Source is null || Grown is null)
        {
            html.Element("p", $"The {(Source is null ? Grown is null ? "models are" : "first model is" : "second model is")} not drawn: the analysis does not understand the graph.", ("class", "note"));
        }

        html.Close();
    }

    private void Parts(HtmlWriter html)
    {
        if (Source is not { } source || Grown is not { } grown)
        {
            return;
        }

        (string Name, Func<ModelFigure, (int Count, long Parameters)> Of)[] rows =
        [
            ("embeddings", f => Sum(f, PartKind.Embeddings)),
            ("layers", f => Sum(f, PartKind.Layer)),
            ("head", f => Sum(f, PartKind.Head)),
            ("all", f => (f.Parts.Count, f.Parameters)),
        ];
        html.Open("section", ("aria-labelledby", "parts")).Element("h2", "Parameters by part", ("id", "parts"));
        NumberTable.Write(html, "Elements of the weights of each part", ["part", Before, After, "times"], rows.Select(r =>
        {
            ((int countBefore, long before), (int countAfter, long after)) = (r.Of(source), r.Of(grown));
            string name = r.Name == "layers" ? string.Create(CultureInfo.InvariantCulture, $"layers ({countBefore}, then {countAfter})") : r.Name;
            return (IReadOnlyList<string>)[name, Text.Number(before), Text.Number(after), before == 0 ? Show.Unknown : Show.Figure((double)after / before)];
        }));
        html.Close();
    }

    private static (int Count, long Parameters) Sum(ModelFigure figure, PartKind kind) =>
        (figure.Parts.Count(p => p.Kind == kind), figure.Parts.Where(p => p.Kind == kind).Sum(p => p.Parameters));
}
