using System.Globalization;
using System.Text.Json.Nodes;

namespace OnnxGrow.Reports.Runs;

/// <summary>What the plots show, as the page's script reads it.</summary>
internal static class RunScript
{
    /// <summary>The curves of some runs.</summary>
    public static JsonObject Of(IReadOnlyList<RunData> runs) => new()
    {
        ["entries"] = EntriesOf(runs),
        ["runs"] = new JsonArray([.. runs.Select(Of)]),
    };

    /// <summary>What entries are in all of the runs.</summary>
    public static string EntriesOf(IReadOnlyList<RunData> runs) => runs.Select(r => r.EntryKind).Distinct().ToArray() is [var only] ? only : "entries";

    private static JsonObject Of(RunData run) => new()
    {
        ["name"] = run.Name,
        ["flops"] = run.FlopsAt(1),
        ["curves"] = new JsonObject
        {
            ["loss"] = Of(run.Curves.Loss),
            ["smooth"] = Of(run.Curves.Smoothed),
            ["validation"] = Of(run.Curves.Validation),
            ["norm"] = Of(run.Curves.Norm),
            ["rate"] = Of(run.Curves.Rate),
        },
    };

    private static JsonObject Of(IReadOnlyList<SeriesPoint> points) => new()
    {
        ["step"] = new JsonArray([.. points.Select(p => JsonValue.Create(p.Step))]),
        ["seconds"] = new JsonArray([.. points.Select(p => JsonValue.Create(Math.Round(p.Seconds, 2)))]),
        ["entries"] = new JsonArray([.. points.Select(p => JsonValue.Create(p.Entries))]),
        ["y"] = new JsonArray([.. points.Select(p => JsonValue.Create(Short(p.Value)))]),
    };

    /// <summary>Six digits are more than a plot shows.</summary>
    private static double Short(double value) => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
