using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OnnxGrow.Reports.Html;

namespace OnnxGrow.Bench.Savings;

/// <summary>Writes the page and the Markdown of all comparisons that have results.</summary>
internal static class SavingsPage
{
    private const string Lead = "What it costs to reach the last validation loss of a model that is trained from scratch, when training begins from a grown model instead: operations of matrix products, growing and learning included, the training of the small model not, as in the papers.";

    private const string Summarised = "Compute saved until the loss of the run from scratch, mean of the seeds; \"no\": no seed gets there within the same number of steps.";

    public static void Write(Experiment experiment, string page, string markdown, string command)
    {
        var runs = new JsonArray();
        var text = new StringBuilder("# What growing saves\n\n").Append(Lead).Append("\n\n").Append(command).Append("\n\n");
        (TaskSetup Task, GrowthSetup Growth, Analysis Analysis, string Facts)[] all = [.. Found(experiment)];
        string[] names = [.. all.Select(a => $"{a.Task.Name} {a.Growth.Name}")];
        Analysis[] analyses = [.. all.Select(a => a.Analysis)];
        text.Append("## Compute saved\n\n").Append(Summarised).Append("\n\n");
        Table(text, SavingsText.SummaryColumns(names), SavingsText.Summary(analyses));
        text.Append('\n');
        foreach ((TaskSetup task, GrowthSetup growth, Analysis analysis, string facts) in all)
        {
            text.Append(CultureInfo.InvariantCulture, $"## {task.Name}: {growth.Name}\n\n{SavingsText.Headline(task, growth, analysis)}. {SavingsText.Sweep(analysis)} {facts}\n\n");
            Table(text, SavingsText.Columns, SavingsText.Rows(analysis));
            foreach ((string start, string why) in analysis.Refused)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n`{start}`: {why}\n");
            }

            text.Append('\n');
            Curves(runs, $"{task.Name}-{growth.Name}", analysis);
        }

        var data = new JsonObject { ["entries"] = "entries", ["runs"] = runs };
        File.WriteAllText(markdown, text.ToString());
        File.WriteAllText(page, Page.Write("What growing saves", Lead, data, html =>
        {
            html.Open("form", ("id", "controls"), ("class", "controls")).Open("fieldset").Element("legend", "Horizontal axis");
            foreach ((string value, string name, bool chosen) in new[] { ("flops", "FLOPs", true), ("step", "steps", false), ("seconds", "seconds", false) })
            {
                html.Open("label").Void("input", ("type", "radio"), ("name", "axis"), ("value", value), ("checked", chosen ? "checked" : null)).Element("span", name).Close();
            }

            html.Close().Close();
            NumberTable.Write(html, Summarised, SavingsText.SummaryColumns(names), SavingsText.Summary(analyses).Select(r => (IReadOnlyList<string>)[.. r.Select(c => c.Replace("**", "", StringComparison.Ordinal))]));
            html.Element("p", command, ("class", "note"));
            foreach ((TaskSetup task, GrowthSetup growth, Analysis analysis, string facts) in all)
            {
                Section(html, task, growth, analysis, facts);
            }
        }));
    }

    private static IEnumerable<(TaskSetup, GrowthSetup, Analysis, string)> Found(Experiment experiment)
    {
        foreach (TaskSetup task in experiment.Tasks)
        {
            foreach (GrowthSetup growth in experiment.Growths)
            {
                var results = new ResultFile(experiment, task, growth);
                if (Analysis.Of(task, results) is { } analysis)
                {
                    string dates = string.Join(" to ", new[] { results.Rows.Min(r => r.Date)!, results.Rows.Max(r => r.Date)! }.Distinct());
                    yield return (task, growth, analysis, $"{string.Join("; ", results.Rows.Select(r => r.Machine).Distinct())}; {dates}.");
                }
            }
        }
    }

    private static void Section(HtmlWriter html, TaskSetup task, GrowthSetup growth, Analysis analysis, string facts)
    {
        string id = $"{task.Name}-{growth.Name}";
        html.Open("section", ("aria-labelledby", id)).Element("h2", $"{task.Name}: {growth.Name}", ("id", id));
        html.Element("p", $"{SavingsText.Headline(task, growth, analysis)}. {SavingsText.Sweep(analysis)} {facts}");
        NumberTable.Write(html, $"{task.Name}: {growth.Name}", SavingsText.Columns, SavingsText.Rows(analysis));
        foreach ((string start, string why) in analysis.Refused)
        {
            html.Element("p", $"{start}: {why}", ("class", "note"));
        }

        html.Open("figure", ("class", "plot")).Open("figcaption").Text("Validation loss from a quarter of the steps on, mean of the seeds; the numbers are in the table above.").Close();
        html.Open("p", ("class", "controls"));
        int place = 0;
        foreach (string start in Start.All.Select(s => s.Name).Where(s => analysis.Plain(s).Length > 0))
        {
            html.Open("span").Open("span", ("class", FormattableString.Invariant($"swatch c{(place % 8) + 1}{(place++ < 8 ? "" : " dashed")}")), ("aria-hidden", "true")).Close().Element("span", start).Close();
        }

        html.Close();
        html.Open("div", ("class", "canvas"), ("data-plot", "loss"), ("data-group", id), ("role", "img"), ("aria-label", "Validation loss of each start over the compute")).Close();
        html.Open("p", ("class", "readout"), ("data-readout", "loss"), ("data-group", id), ("aria-hidden", "true")).Close().Close().Close();
    }

    private static void Curves(JsonArray to, string group, Analysis analysis)
    {
        int place = 0;
        foreach (string start in Start.All.Select(s => s.Name))
        {
            if (analysis.Plain(start) is not { Length: > 0 } runs)
            {
                continue;
            }

            // Before that, runs are so far apart that where they end could not be told.
            int from = Enumerable.Range(0, runs[0].At.Count).First(i => 4 * runs[0].At[i] >= runs[0].Steps);
            int points = runs.Min(r => r.At.Count);
            double[] compute = Analysis.ComputeOf(runs[0]);
            JsonArray Each(Func<int, double> of) => new([.. Enumerable.Range(from, points - from).Select(i => (JsonNode)JsonValue.Create(Math.Round(of(i), 5))!)]);
            to.Add(new JsonObject
            {
                ["name"] = start,
                ["group"] = group,
                ["place"] = place++,
                ["flops"] = runs[0].FlopsPerStep,
                ["curves"] = new JsonObject
                {
                    ["smooth"] = new JsonObject
                    {
                        ["step"] = Each(i => runs[0].At[i]),
                        ["flops"] = Each(i => compute[i]),
                        ["seconds"] = Each(i => runs.Average(r => r.StartSeconds + (r.Seconds * r.At[i] / r.Steps))),
                        ["entries"] = Each(i => runs[0].At[i]),
                        ["y"] = Each(i => runs.Average(r => r.ValidationLoss[i])),
                    },
                },
            });
        }
    }

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        text.Append("| ").AppendJoin(" | ", columns).Append(" |\n|---|").Append(string.Concat(columns.Skip(1).Select(_ => "--:|"))).Append('\n');
        foreach (IReadOnlyList<string> row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }
    }
}
