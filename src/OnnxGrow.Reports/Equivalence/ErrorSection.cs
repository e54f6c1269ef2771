using System.Globalization;
using OnnxGrow.Reports.Html;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Reports.Equivalence;

/// <summary>Errors by layer, and outputs by their distance in units in the last place.</summary>
internal static class ErrorSection
{
    /// <summary>The error that a bar begins at; smaller ones are as good as none.</summary>
    private const double Least = 1e-18;

    private const int MostBars = 200;

    private const int MostBuckets = 13;

    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, EquivalenceReport report)
    {
        if (report is { Layers: null, AsShipped: null, Witness: null })
        {
            return;
        }

        html.Open("section", ("aria-labelledby", "errors")).Element("h2", "Errors", ("id", "errors"));
        Layers(html, report);
        Histogram(html, "as shipped", report.AsShipped);
        if (report.Witness is { Outputs.Count: > 0 })
        {
            html.Open("details").Element("summary", "Units in the last place, in float64");
            Histogram(html, "in float64", report.Witness);
            html.Close();
        }

        html.Close();
    }

    private static void Layers(HtmlWriter html, EquivalenceReport report)
    {
        if (report.Layers is not { } layers)
        {
            return;
        }

        html.Element("h3", "Error by layer");
        (string Name, double? Error)[] bars = [.. BarsOf(report, layers)];
        if (layers.ByLayer.Count == 0)
        {
            html.Element("p", $"{Sentence(layers.Text)}. The layers of the two do not go in pairs, so their errors are not drawn.", ("class", "note"));
            return;
        }

        BarTable.Write(
            html,
            $"Largest relative difference of what each layer of the source hands on, {(layers.InFloat64 ? "in float64" : "as shipped")}, on a logarithmic scale from 1e-18 to 1 ({layers.Case})",
            "value",
            "max. rel.",
            bars.Select(b => (b.Name, b.Error is { } e ? Show.Figure(e) : "not comparable", b.Error is { } error ? Length(error) : 0)));
        html.Element("p", $"{Sentence(layers.Text)}. Where a value grew, its leading block is compared with the source's; where new layers were put in behind, what the last of them hands on.", ("class", "note"));
    }

    /// <summary>The layers' own errors, then those of the outputs on all cases, where both are of the same kind of run.</summary>
    private static IEnumerable<(string Name, double? Error)> BarsOf(EquivalenceReport report, LayerReport layers) => layers.ByLayer.Take(MostBars)
        .Select(l => (string.Create(CultureInfo.InvariantCulture, $"layer {l.Layer}"), l.MaxRelative))
        .Concat(((layers.InFloat64 ? report.Witness : report.AsShipped)?.Outputs ?? []).Take(MostBars).Select(o => ($"output {o.Name} (all cases)", o.Worst.RequiredTolerance)));

    private static double Length(double error) => error <= Least ? 0 : (Math.Log10(error) - Math.Log10(Least)) / -Math.Log10(Least);

    private static void Histogram(HtmlWriter html, string level, LevelReport? report)
    {
        html.Open("div", ("class", "pairs"));
        foreach (OutputReport output in report?.Outputs.Where(o => o.UlpHistogram.Count > 0).Take(MostBars) ?? [])
        {
            long all = output.UlpHistogram.Sum();
            html.Open("div").Element("h3", $"Units in the last place, {level}: {output.Name}");
            BarTable.Write(
                html,
                $"Elements of {output.Name} by how many representable numbers lie between the two, {level}, over all cases",
                "ULP",
                "elements",
                Buckets(output.UlpHistogram).Select(b => (
                    b.Name,
                    $"{Text.Number(b.Count)} ({(b.Count * 10_000 < all ? b.Count == 0 ? "0 %" : "< 0.01 %" : Show.Share((double)b.Count / all))})",
                    all == 0 ? 0.0 : (double)b.Count / all)));
            html.Close();
        }

        html.Close();
    }

    /// <summary>What is further apart than a half of the digits shares a row: such elements have nearly cancelled to zero.</summary>
    private static IEnumerable<(string Name, long Count)> Buckets(IReadOnlyList<long> histogram)
    {
        for (int bucket = 0; bucket < Math.Min(histogram.Count, MostBuckets); bucket++)
        {
            yield return (Bucket(bucket), histogram[bucket]);
        }

        if (histogram.Count > MostBuckets)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"{1L << (MostBuckets - 1)} and more"), histogram.Skip(MostBuckets).Sum());
        }
    }

    private static string Bucket(int bucket) => bucket switch
    {
        0 => "equal",
        1 => "1",
        _ => string.Create(CultureInfo.InvariantCulture, $"{1L << (bucket - 1)} to {(1L << bucket) - 1}"),
    };

    private static string Sentence(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..];
}
