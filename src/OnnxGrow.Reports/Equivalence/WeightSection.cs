using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Explain;
using OnnxGrow.Growth;
using OnnxGrow.Reports.Html;

namespace OnnxGrow.Reports.Equivalence;

/// <summary>What each new weight came from.</summary>
internal static class WeightSection
{
    private const int MostWeights = 2000;

    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, ImmutableArray<WeightGrowth> weights)
    {
        if (weights.IsEmpty)
        {
            return;
        }

        html.Open("section", ("aria-labelledby", "weights")).Element("h2", "What the new weights came from", ("id", "weights"));
        html.Open("details").Element("summary", $"{Text.Number(weights.Length)} tensors: source, copy map, rule, class");
        const string caption = "New weights: every other tensor is the source's own";
        html.Open("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", caption));
        html.Open("table", ("class", "weights")).Element("caption", caption).Open("thead").Open("tr");
        foreach (string column in new[] { "weight", "shape", "axes", "values", "class", "rules" })
        {
            html.Element("th", column, ("scope", "col"));
        }

        html.Close().Close().Open("tbody");
        foreach (WeightGrowth weight in weights.Take(MostWeights))
        {
            Row(html, weight);
        }

        html.Close().Close().Close();
        if (weights.Length > MostWeights)
        {
            html.Element("p", $"Only the first {Text.Number(MostWeights)} are listed; 'onnxgrow explain' tells of each.", ("class", "note"));
        }

        html.Close().Close();
    }

    private static void Row(HtmlWriter html, WeightGrowth weight)
    {
        html.Open("tr").Open("th", ("scope", "row")).Text(weight.Name);
        if (weight.Source != weight.Name)
        {
            html.Element("span", $" from {weight.Source}", ("class", "was"));
        }

        html.Close();
        html.Element("td", weight.SourceDims.IsEmpty && weight.Axes.IsEmpty ? Show.Dims(weight.TargetDims) : $"{Show.Dims(weight.SourceDims)} \u2192 {Show.Dims(weight.TargetDims)}");
        html.Open("td");
        if (weight.Origin is { } origin)
        {
            html.Element("div", origin);
        }

        foreach (AxisGrowth axis in weight.Axes.Where(a => a.Source != a.Target))
        {
            html.Open("div").Text(string.Create(CultureInfo.InvariantCulture, $"axis {axis.Axis}, {axis.Source} \u2192 {axis.Target} ({axis.RoleWords}): {axis.Words} ")).Element("code", axis.Map).Close();
        }

        html.Close();
        html.Open("td").Text(weight.Values);
        if (!weight.Streams.IsEmpty)
        {
            html.Text(string.Create(CultureInfo.InvariantCulture, $"; random numbers of seed {weight.Seed}"));
        }

        html.Close();
        html.Element("td", Growability.Name(weight.Exactness));
        html.Open("td");
        foreach (Rule rule in weight.Rules)
        {
            html.Open("div").Element("b", rule.Number).Text(" " + rule.Name).Close();
        }

        html.Close().Close();
    }
}
