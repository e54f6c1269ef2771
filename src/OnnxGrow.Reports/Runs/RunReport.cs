using System.Globalization;
using OnnxGrow.Onnx;
using OnnxGrow.Reports.Html;
using OnnxGrow.Reports.Models;

namespace OnnxGrow.Reports.Runs;

/// <summary>The report of some training runs: a page that needs no other file.</summary>
public static class RunReport
{
    /// <summary>The most runs of a page.</summary>
    public const int MostRuns = 16;

    /// <summary>Reads runs and writes their report.</summary>
    /// <param name="runs">Outputs of runs, or their logs.</param>
    /// <param name="title">The page's title; null for one made of the runs' names.</param>
    /// <param name="limits">What models may ask of the machine; null for the default.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The page.</returns>
    /// <exception cref="BadInputException">A file is none of a run, or there are too many runs.</exception>
    public static string Of(IReadOnlyList<string> runs, string? title = null, ReadLimits? limits = null, CancellationToken cancellation = default)
    {
        if (runs.Count is 0 or > MostRuns)
        {
            throw new BadInputException(ErrorCode.Run, FormattableString.Invariant($"a report is of 1 to {MostRuns} runs, not of {runs.Count}"));
        }

        IReadOnlyList<RunData> read = RunFiles.Read(runs, cancellation);
        ModelStory?[] stories = [.. read.Select(r => r.ModelPath is null ? null : ModelStory.Read(r.ModelPath, limits, cancellation))];
        return Page.Write(
            title ?? (read.Count == 1 ? "Training run " : "Training runs ") + string.Join(", ", read.Select(r => r.Name)),
            Lead(read),
            RunScript.Of(read),
            html =>
            {
                RunPlots.Write(html, read);
                RunTable.Write(html, read, stories);
                Models(html, read, stories);
                Recipes(html, read);
            });
    }

    private static string Lead(IReadOnlyList<RunData> runs)
    {
        IEnumerable<string> ends = runs.Select(r => r.Curves.LastValidation is { } v
            ? string.Create(CultureInfo.InvariantCulture, $"{r.Name}: validation loss {Show.Figure(v.ValidationLoss)} after {v.Step} steps")
            : string.Create(CultureInfo.InvariantCulture, $"{r.Name}: training loss {Show.Figure(r.Curves.LastSmoothed)} after {r.Curves.Last?.Step ?? 0} steps"));
        return string.Join("; ", ends) + ".";
    }

    private static void Models(HtmlWriter html, IReadOnlyList<RunData> runs, ModelStory?[] stories)
    {
        html.Open("section", ("aria-labelledby", "models")).Element("h2", "Models", ("id", "models"));
        for (int i = 0; i < runs.Count; i++)
        {
            html.Element("h3", runs[i].Name);
            if (stories[i] is not { } story)
            {
                html.Element("p", "The run has not written its model yet, and the model that it began with does not lie beside its log.", ("class", "note"));
                continue;
            }

            if (story.Plan is { } plan)
            {
                html.Element("p", $"Grown by the method {plan.Method} with seed {plan.Seed.ToString(CultureInfo.InvariantCulture)}: {string.Join(", ", story.Changes.DefaultIfEmpty("no sizes"))}. Verdict when it was grown: {story.Verdict ?? "none"}.");
            }

            if (story.Note is { } note)
            {
                html.Element("p", note, ("class", "note"));
            }

            string what = runs[i].IsTrained ? "Trained model" : "Model that is trained";
            if (story is { Source: { } source, Figure: { } grown })
            {
                ModelFigureView.Write(html, ("Source", source), (what, grown));
            }
            else if (story.Figure is { } alone)
            {
                ModelFigureView.Write(html, (what, alone));
            }
        }

        html.Close();
    }

    private static void Recipes(HtmlWriter html, IReadOnlyList<RunData> runs)
    {
        html.Open("section", ("aria-labelledby", "recipes")).Element("h2", "Recipes, and how to repeat the runs", ("id", "recipes"));
        foreach (RunData run in runs)
        {
            html.Element("h3", run.Name);
            if (run.Record is not { } record)
            {
                html.Element("p", "There is no file .run.json beside the log, so recipe and command are not known.", ("class", "note"));
                continue;
            }

            html.Element("p", $"With the files of the SHA-256 in the table, OnnxGrow's version {record.Tool} and, on the CPU, as many threads, this gives the same run:");
            html.Open("pre", ("class", "command"), ("tabindex", "0")).Element("code", ReproduceCommand.Of(record)).Close();
            html.Open("details", ("open", runs.Count == 1 ? "open" : null)).Element("summary", $"Recipe {record.Recipe.Name}");
            html.Open("pre", ("tabindex", "0")).Element("code", record.RecipeText).Close().Close();
        }

        html.Close();
    }
}
