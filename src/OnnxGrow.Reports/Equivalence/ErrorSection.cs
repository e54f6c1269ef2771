using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Reports.Html;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Reports.Equivalence;

/// <summary>Errors by layer, and outputs by their distance in units in the last place.</summary>
internal static class ErrorSection
{
    /// <summary>The error that a bar begins at; smaller ones are as good as none.</summary>
    private const double Least = 1e-18;

    private const int MostBars = 200;

    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, EquivalenceReport report, ModelMap? map)
    {
        html.Open("section", ("aria-labelledby", "errors")).Element("h2", "Errors", ("id", "errors"));
        Layers(html, report, map);
        Histogram(html, "as shipped", report.AsShipped);
        Histogram(html, "in float64", report.Witness);
        html.Close();
    }

    private static void Layers(HtmlWriter html, EquivalenceReport report, ModelMap? map)
    {
        if (report.Layers is not { } layers)
        {
            return;
        }

        html.Element("h3", "Error by layer");
        (string Name, double? Error)[] bars = [.. BarsOf(layers, map)];
        if (bars.Length == 0)
        {
            html.Element("p", layers.Text.Length > 0 ? layers.Text : "No value inside the graphs could be compared.", ("class", "note"));
            return;
        }

        BarTable.Write(
            html,
            $"Largest relative difference of what each layer of the source hands on, {(layers.InFloat64 ? "in float64" : "as shipped")}, on a logarithmic scale from 1e-18 to 1 (case {layers.Case})",
            "value",
            "max. rel.",
            bars.Select(b => (b.Name, b.Error is { } e ? Show.Figure(e) : "not comparable", b.Error is { } error ? Length(error) : 0)));
        html.Element("p", $"{layers.Text}. Where a value grew, its leading block is compared with the source's; inside a layer growth changes values for good reason and makes up for it further on.", ("class", "note"));
    }

    private static IEnumerable<(string Name, double? Error)> BarsOf(LayerReport layers, ModelMap? map)
    {
        if (map is null)
        {
            yield break;
        }

        Dictionary<string, ValueError> errors = layers.Values.DistinctBy(v => v.Value).ToDictionary(v => v.Value, StringComparer.Ordinal);
        foreach (Layer layer in map.Layers.Take(MostBars))
        {
            if (errors.TryGetValue(layer.Output.Name, out ValueError? error))
            {
                yield return (string.Create(CultureInfo.InvariantCulture, $"layer {layer.Index}"), error.MaxRelative);
            }
        }

        foreach (string output in map.Model.Proto.Graph.Output.Select(o => o.Name).Take(MostBars))
        {
            if (errors.TryGetValue(output, out ValueError? error))
            {
                yield return ($"output {output}", error.MaxRelative);
            }
        }
    }

    private static double Length(double error) => error <= Least ? 0 : (Math.Log10(error) - Math.Log10(Least)) / -Math.Log10(Least);

    private static void Histogram(HtmlWriter html, string level, LevelReport? report)
    {
        foreach (OutputReport output in report?.Outputs.Where(o => o.UlpHistogram.Count > 0).Take(MostBars) ?? [])
        {
            long all = output.UlpHistogram.Sum();
            html.Element("h3", $"Units in the last place, {level}: {output.Name}");
            BarTable.Write(
                html,
                $"Elements of {output.Name} by how many representable numbers lie between the two, {level}, over all cases",
                "ULP",
                "elements",
                output.UlpHistogram.Select((count, bucket) => (
                    Bucket(bucket),
                    $"{Text.Number(count)} ({Show.Share(all == 0 ? 0 : (double)count / all)})",
                    all == 0 ? 0.0 : (double)count / all)));
        }
    }

    private static string Bucket(int bucket) => bucket switch
    {
        0 => "equal",
        1 => "1",
        < 20 => string.Create(CultureInfo.InvariantCulture, $"{1L << (bucket - 1)} to {(1L << bucket) - 1}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"from 2^{bucket - 1} on"),
    };
}
