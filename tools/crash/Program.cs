using System.Globalization;
using OnnxGrow.TestSupport;

// Usage: dotnet run -c Release --project tools/crash -- [kills] [signal] [seed]
// A growth that was done before its moment came does not count as a kill.
const int MostTries = 4;
int count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200;
int signal = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 9;
int seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;
using var loop = new KillLoop(Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll"), ["--hidden", "192", "--layers", "12"], seed);
Console.WriteLine(FormattableString.Invariant($"{loop.Bytes} bytes a growth, {loop.Undisturbed.TotalSeconds:0.00} s undisturbed"));
var outcomes = new List<KillOutcome>();
for (int i = 0; outcomes.Count(o => o.Early) < count && i < MostTries * count; i++)
{
    outcomes.Add(loop.Once(i % 4 == 3 ? KillMoment.Publishing : KillMoment.Any, signal));
    if (outcomes[^1].Wrong is { } wrong)
    {
        Console.WriteLine(FormattableString.Invariant($"kill {i + 1}: {wrong}"));
    }
}

TimeSpan[] took = [.. outcomes.Where(o => o.Early).Select(o => o.Took).Order()];
Console.WriteLine(FormattableString.Invariant(
    $"signal {signal}, seed {seed}: {outcomes.Count} runs, {took.Length} ended before they were done; {outcomes.Count(o => o.Leftovers)} left something, {outcomes.Count(o => o.NoModel)} left no model until the next run;"));
Console.WriteLine(FormattableString.Invariant(
    $"after the next run: {outcomes.Count(o => !o.New)} old, {outcomes.Count(o => o.New)} new, {outcomes.Count(o => o.Wrong is not null)} wrong; from signal to end: median {took[took.Length / 2].TotalMilliseconds:0} ms, longest {took[^1].TotalMilliseconds:0} ms"));
return outcomes.Exists(o => o.Wrong is not null) ? 1 : 0;
