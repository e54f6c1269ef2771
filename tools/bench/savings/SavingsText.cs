using System.Globalization;

namespace OnnxGrow.Bench.Savings;

/// <summary>The tables of a comparison, as rows of cells, for the page and for Markdown.</summary>
internal static class SavingsText
{
    public static IReadOnlyList<string> Columns { get; } =
        ["start", "seeds", "compute saved", "time saved", "loss before", "after 100 steps (training)", "at equal compute", "at the end"];

    public static IEnumerable<IReadOnlyList<string>> Rows(Analysis analysis) => analysis.Outcomes().Select(o => (IReadOnlyList<string>)
    [
        o.Name,
        o.Seeds.ToString(CultureInfo.InvariantCulture),
        Saved(o, o.Compute),
        Saved(o, o.Time),
        Loss(o.Begin),
        Loss(o.Hundred),
        Loss(o.Equal),
        Loss(o.End),
    ]);

    /// <summary>The compute that each start saves, a column for each comparison.</summary>
    public static IReadOnlyList<string> SummaryColumns(IEnumerable<string> comparisons) => ["start", .. comparisons];

    /// <summary>The rows of that table, the best of each column marked.</summary>
    public static IEnumerable<IReadOnlyList<string>> Summary(IReadOnlyList<Analysis> analyses)
    {
        Dictionary<string, Outcome>[] columns = [.. analyses.Select(a => a.Outcomes().ToDictionary(o => o.Name, StringComparer.Ordinal))];
        string[] names = [.. columns.SelectMany(c => c.Keys).Distinct().Where(n => n != "scratch")];
        double[] best = [.. columns.Select(c => c.Values.Where(o => o.Name != "scratch" && o is { Missed: 0, Compute.Count: > 0 }).Select(o => o.Compute.Mean).DefaultIfEmpty(double.NaN).Min())];
        return names.Select(name => (IReadOnlyList<string>)
        [
            name,
            .. columns.Select((c, i) => !c.TryGetValue(name, out Outcome? o) ? "-"
                : o.Missed > 0 ? (o.Missed == o.Seeds ? "no" : $"in {o.Seeds - o.Missed} of {o.Seeds}")
                : string.Create(CultureInfo.InvariantCulture, $"{(o.Compute.Mean.Equals(best[i]) ? "**" : "")}{100 * (1 - o.Compute.Mean):F1} %{(o.Compute.Mean.Equals(best[i]) ? "**" : "")}")),
        ]);
    }

    public static string Headline(TaskSetup task, GrowthSetup growth, Analysis analysis) => string.Create(CultureInfo.InvariantCulture,
        $"{task.Name}, {growth.Name} ({Sizes(growth)}; {analysis.Parameters:N0} parameters): {task.Steps} steps from scratch end at a validation loss of {analysis.Goal:F4} ({analysis.Seeds} seeds, {analysis.Flops / 1e12:F2} TFLOP, rate {analysis.Rate:0.####})");

    public static string Sweep(Analysis analysis) =>
        "From scratch with other rates: " + string.Join(", ", analysis.Sweep.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Rate:0.####} {s.Loss:F4}"))) + ".";

    private static string Sizes(GrowthSetup growth) => string.Join(", ", new[]
    {
        growth.Hidden is { } h ? FormattableString.Invariant($"width {h}") : null, growth.Heads is { } a ? FormattableString.Invariant($"{a} heads") : null,
        growth.Layers is { } l ? FormattableString.Invariant($"{l} layers") : null,
    }.OfType<string>());

    private static string Saved(Outcome outcome, Spread part) => outcome.Name == "scratch" ? "-"
        : part.Count == 0 ? "does not get there"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * (1 - part.Mean):F1} % ± {100 * part.Deviation:F1}{(outcome.Missed > 0 ? $" ({outcome.Missed} of {outcome.Seeds} do not get there)" : "")}");

    private static string Loss(Spread loss) => loss.Count == 0 ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{loss.Mean:F4}{(loss.Count > 1 ? $" ± {loss.Deviation:F4}" : "")}");
}
