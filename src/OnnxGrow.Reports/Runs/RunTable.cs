using System.Globalization;
using OnnxGrow.Reports.Html;
using OnnxGrow.Reports.Models;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Reports.Runs;

/// <summary>The runs beside one another, a column each.</summary>
internal static class RunTable
{
    /// <summary>Writes the table.</summary>
    public static void Write(HtmlWriter html, IReadOnlyList<RunData> runs, ModelStory?[] stories)
    {
        html.Open("section", ("aria-labelledby", "runs")).Element("h2", runs.Count == 1 ? "The run" : "The runs", ("id", "runs"));
        var rows = new List<IReadOnlyList<string>>();
        void Row(string name, Func<RunData, ModelStory?, string?> cell)
        {
            string[] cells = [.. runs.Select((r, i) => cell(r, stories[i]) ?? Show.Unknown)];
            rows.Add([name, .. cells]);
        }

        Row("model", (r, _) => r.Record?.Model.Name);
        Row("trained parameters", (r, _) => Show.Number(r.Record?.TrainedParameters));
        Row("frozen parameters", (r, _) => Show.Number(r.Record?.FrozenParameters));
        Row("steps", (r, _) => Steps(r));
        Row("final training loss (smoothed)", (r, _) => Show.Figure(r.Curves.LastSmoothed) + (r.Curves.Broken is { } step ? string.Create(CultureInfo.InvariantCulture, $"; no number from step {step} on") : ""));
        Row("final validation loss", (r, _) => Show.Figure(r.Curves.LastValidation?.ValidationLoss));
        Row("final validation accuracy", (r, _) => Show.Share(r.Curves.LastValidation?.ValidationAccuracy));
        Row("best validation loss", (r, _) => r.Curves.BestValidation is { } b ? string.Create(CultureInfo.InvariantCulture, $"{Show.Figure(b.ValidationLoss)} at step {b.Step}") : null);
        Row("operations so far", (r, _) => r.Curves.Last is { } last ? Show.Flops(r.FlopsAt(last.Step)) : null);
        Row("operations a batch, forward / backward", (r, _) => r.Record is { } d ? $"{Show.Flops(d.FlopsForward)} / {Show.Flops(d.FlopsBackward)}" : null);
        Row("time", (r, _) => Show.Seconds(r.Curves.Last?.Seconds));
        Row("entries", (r, _) => r.Curves.Last is { } last ? $"{Show.Number(last.Entries)} {r.EntryKind}" : null);
        Row("entries a second", (r, _) => r.Curves.Last is { Seconds: > 0 and var seconds, Entries: { } entries } ? $"{Text.Number((long)(entries / seconds))} {r.EntryKind}" : null);
        Row("operations a second", (r, _) => r.Curves.Last is { Seconds: > 0 and var seconds } last && r.FlopsAt(last.Step) is { } flops ? Show.Flops(flops / seconds) + "/s" : null);
        Row("engine", (r, _) => r.Record is { } d ? $"{d.Engine} ({d.Runtime})" : null);
        Row("provider, threads", (r, _) => r.Record is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Provider}, {d.Threads}") : null);
        Row("machine", (r, _) => r.Record is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Machine.Cores} cores, {d.Machine.Architecture}, {d.Machine.System}") : null);
        Row("started", (r, _) => Show.Moment(r.Record?.Started));
        Row("carried on at steps", (r, _) => r.Record is { Resumed: { Count: > 0 } resumed } ? string.Join(", ", resumed.Select(x => Text.Number(x.Step))) : null);
        Row("recipe SHA-256", (r, _) => r.Record?.Recipe.Sha256);
        Row("model SHA-256", (r, _) => r.Record?.Model.Sha256);
        Row("optimizer state", (r, _) => r.Record is { } d ? d.State?.Name ?? "none" : null);
        if (stories.Any(s => s?.Plan is not null))
        {
            Row("grown from (SHA-256)", (_, s) => s?.Plan is null ? "not grown" : s.SourceSha256);
            Row("grown by", (_, s) => s?.Plan is { } plan ? string.Create(CultureInfo.InvariantCulture, $"{plan.Method}, seed {plan.Seed}") : null);
            Row("verdict of the growth", (_, s) => s?.Plan is null ? null : s.Verdict ?? "none");
        }

        NumberTable.Write(html, "What the runs are of, and what came of them", ["", .. runs.Select(r => r.Name)], rows);
        if (runs.Where(r => r.Record is null).Select(r => r.Name).ToArray() is { Length: > 0 } without)
        {
            html.Element("p", $"No file {RunRecord.Suffix} lies beside the log of {Text.Some(without)}, so what it would say is left out: {Show.Unknown}.", ("class", "note"));
        }

        html.Element("p", "Operations are those of matrix products, convolutions and the like, two for every product; elementwise work is not counted.", ("class", "note"));
        html.Close();
    }

    private static string Steps(RunData run)
    {
        long done = run.Curves.Last?.Step ?? 0;
        return run.Record is { } record && record.Steps != done ? $"{Text.Number(done)} of {Text.Number(record.Steps)}" : Text.Number(done);
    }
}
