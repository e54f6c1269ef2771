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
