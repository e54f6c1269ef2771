using System.CommandLine;
using OnnxGrow;
using OnnxGrow.Bench.Savings;

var config = new Option<string>("--config") { Description = "What is compared.", DefaultValueFactory = _ => Path.Combine("tools", "bench", "savings", "small.yaml") };
var only = new Option<string[]>("--only") { Description = "Tasks and growths, such as gpt or gpt-both; all if not said.", AllowMultipleArgumentsPerToken = true };
var starts = new Option<string[]>("--starts") { Description = "Starts; all if not said.", AllowMultipleArgumentsPerToken = true };
var parallel = new Option<int>("--parallel") { Description = "Runs at once, each with the recipe's threads.", DefaultValueFactory = _ => Math.Max(1, Environment.ProcessorCount) };
var minutes = new Option<double>("--minutes") { Description = "No run is begun after so long; the same command carries on.", DefaultValueFactory = _ => double.PositiveInfinity };
var run = new Command("run", "Run what is not there yet of a comparison.") { config, only, starts, parallel, minutes };
run.SetAction(parsed =>
{
    string[] wanted = parsed.GetValue(only) ?? [];
    string[] chosen = parsed.GetValue(starts) ?? [];
    double limit = parsed.GetValue(minutes);
    new Comparison(
        Experiment.Load(parsed.GetValue(config)!),
        parsed.GetValue(parallel),
        double.IsFinite(limit) ? TimeSpan.FromMinutes(limit) : TimeSpan.FromDays(365),
        (task, growth) => wanted.Length == 0 || wanted.Contains(task) || wanted.Contains($"{task}-{growth}"),
        chosen.Length == 0 ? null : chosen.ToHashSet(StringComparer.Ordinal)).Run();
    return 0;
});
var page = new Option<string>("--page") { Description = "The HTML page.", DefaultValueFactory = _ => Path.Combine("artifacts", "savings.html") };
var markdown = new Option<string>("--markdown") { Description = "The Markdown.", DefaultValueFactory = _ => Path.Combine("docs", "savings.md") };
var report = new Command("report", "Write what there is as a page and as Markdown.") { config, page, markdown };
report.SetAction(parsed =>
{
    string file = parsed.GetValue(config)!;
    SavingsPage.Write(
        Experiment.Load(file),
        parsed.GetValue(page)!,
        parsed.GetValue(markdown)!,
        $"Written by `dotnet run -c Release --project tools/bench/savings -- report`, from the runs of `... -- run --config {Path.GetFileName(file)}`.");
    return 0;
});
var task = new Option<string>("--only") { Description = "A task, or a task and a growth (gpt-both).", DefaultValueFactory = _ => "gpt-both" };
var side = new Option<string?>("--side") { Description = "Only this side, in this process: plain or learn.", Hidden = true };
var count = new Option<int>("--steps") { Description = "Plain steps.", DefaultValueFactory = _ => 100 };
var rounds = new Option<int>("--rounds") { Description = "How often.", DefaultValueFactory = _ => 3 };
var overhead = new Command("overhead", "What 100 steps of learning operators cost beside 100 plain steps of the grown model.") { config, task, side, count, rounds };
overhead.SetAction(parsed =>
{
    string file = parsed.GetValue(config)!;
    Experiment experiment = Experiment.Load(file);
    string which = parsed.GetValue(task)!;
    if (parsed.GetValue(side) is { } one)
    {
        (TaskSetup Task, GrowthSetup Growth) found = experiment.Tasks.SelectMany(t => experiment.Growths.Select(g => (t, g))).First(p => $"{p.t.Name}-{p.g.Name}" == which);
        Overhead.Run(found.Task, found.Growth, one, parsed.GetValue(count));
    }
    else
    {
        Overhead.Measure(experiment, file, which, parsed.GetValue(count), parsed.GetValue(rounds));
    }

    return 0;
});
var root = new RootCommand("What growing saves: runs from scratch and from grown models, compared.") { run, report, overhead };
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OnnxGrowException e)
{
    Console.Error.WriteLine(Text.Shown(e.Message));
    return (int)e.ExitCode;
}
