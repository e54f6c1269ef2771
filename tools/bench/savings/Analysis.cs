namespace OnnxGrow.Bench.Savings;

/// <summary>A mean with what single seeds differ from it by.</summary>
/// <param name="Mean">The mean; NaN where there is no value.</param>
/// <param name="Deviation">The standard deviation; 0 for a single value.</param>
/// <param name="Count">Seeds.</param>
internal readonly record struct Spread(double Mean, double Deviation, int Count)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] all = [.. values.Where(double.IsFinite)];
        double mean = all.Length == 0 ? double.NaN : all.Average();
        double deviation = all.Length < 2 ? 0 : Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1));
        return new Spread(mean, deviation, all.Length);
    }
}

/// <summary>What one start comes to, over its seeds.</summary>
internal sealed record Outcome
{
    public required string Name { get; init; }

    /// <summary>Validation loss before the first step of training.</summary>
    public required Spread Begin { get; init; }

    /// <summary>Mean training loss of steps 81 to 100.</summary>
    public required Spread Hundred { get; init; }

    /// <summary>Validation loss of the last step.</summary>
    public required Spread End { get; init; }

    /// <summary>Validation loss where the run has cost as much as the run from scratch, growing and learning included.</summary>
    public required Spread Equal { get; init; }

    /// <summary>Compute to the last loss of the run from scratch, as a part of what that has cost, growing and learning included.</summary>
    public required Spread Compute { get; init; }

    /// <summary>
    /// The same in seconds. A step takes all starts of a growth equally long, and runs are made beside others: it counts as the middle of
    /// all runs, and making a start as the middle of all that were made.
    /// </summary>
    public required Spread Time { get; init; }

    /// <summary>Seeds that have not reached it.</summary>
    public required int Missed { get; init; }

    public required int Seeds { get; init; }
}

/// <summary>Compares the runs of one task and growth with those from scratch.</summary>
internal sealed class Analysis
{
    private readonly RunRow[] _rows;
    private readonly RunRow[] _scratch;
    private readonly double _goal;
    private readonly double _cost;
    private readonly double _secondsPerStep;
    private readonly Dictionary<string, double> _startSeconds;

    private Analysis(RunRow[] rows, RunRow[] scratch, double rate)
    {
        (_rows, _scratch, Rate) = (rows, scratch, rate);
        _goal = scratch.Average(r => r.ValidationLoss[^1]);
        _cost = scratch[0].FlopsPerStep * scratch[0].Steps;
        RunRow[] made = [.. rows.Where(r => r.Refused is null)];
        _secondsPerStep = Middle(made.Select(r => r.Seconds / r.Steps));
        _startSeconds = made.GroupBy(r => r.Key.Start).ToDictionary(g => g.Key, g => Middle(g.Select(r => r.StartSeconds)), StringComparer.Ordinal);
    }

    /// <summary>The rate that all take: the best of the sweep from scratch.</summary>
    public double Rate { get; }

    /// <summary>The last loss of the runs from scratch.</summary>
    public double Goal => _goal;

    public double Flops => _cost;

    /// <summary>What the run from scratch takes.</summary>
    private double Seconds => _scratch[0].Steps * _secondsPerStep;

    public long Parameters => _scratch[0].Parameters;

    public int Seeds => _scratch.Length;

    /// <summary>The last loss from scratch for each rate that was tried.</summary>
    public required IReadOnlyList<(double Rate, double Loss)> Sweep { get; init; }

    /// <summary>Starts that do not grow so, with the reasons.</summary>
    public IReadOnlyList<(string Start, string Why)> Refused => [.. _rows.Where(r => r.Refused is not null).GroupBy(r => r.Key.Start).Select(g => (g.Key, g.First().Refused!))];

    /// <summary>The comparison; null where the runs from scratch are not there yet.</summary>
    public static Analysis? Of(TaskSetup task, ResultFile results)
    {
        if (Comparison.BestRate(task, results) is not { } rate)
        {
            return null;
        }

        RunRow[] all = [.. results.Rows];
        RunRow[] rows = [.. all.Where(r => r.Key.Rate == rate)];
        RunRow[] scratch = [.. rows.Where(r => r.Key.Start == "scratch" && r.Refused is null).OrderBy(r => r.Key.Seed)];
        return new Analysis(rows, scratch, rate)
        {
            Sweep = [.. all.Where(r => r.Key.Start == "scratch" && r.Key.Seed == scratch[0].Key.Seed).OrderBy(r => r.Key.Rate).Select(r => (r.Key.Rate, r.ValidationLoss[^1]))],
        };
    }

    /// <summary>The runs of one start on the plain schedule.</summary>
    public RunRow[] Plain(string start) => [.. _rows.Where(r => r.Key.Start == start && r.Key.Schedule == "plain" && r.Refused is null).OrderBy(r => r.Key.Seed)];

    public IEnumerable<Outcome> Outcomes()
    {
        foreach (string start in Start.All.Select(s => s.Name))
        {
            if (Plain(start) is { Length: > 0 } runs)
            {
                yield return Outcome(start, runs);
            }

            if (Schedules(start) is { } own)
            {
                yield return own;
            }
        }
    }

    /// <summary>Compute of a run until an evaluation.</summary>
    public static double[] ComputeOf(RunRow row) => [.. row.At.Select(step => row.StartFlops + (step * row.FlopsPerStep))];

    private Outcome Outcome(string name, RunRow[] runs)
    {
        double[] parts = [.. runs.Select(r => Reached(ComputeOf(r), r.ValidationLoss, _goal) / _cost)];
        double[] times = [.. runs.Select(r => Reached([.. r.At.Select(s => _startSeconds[name] + (s * _secondsPerStep))], r.ValidationLoss, _goal) / Seconds)];
        return new Outcome
        {
            Name = name,
            Begin = Spread.Of(runs.Select(r => r.ValidationLoss[0])),
            Hundred = Spread.Of(runs.Select(r => r.First.Skip(80).DefaultIfEmpty(double.NaN).Average())),
            End = Spread.Of(runs.Select(r => r.ValidationLoss[^1])),
            Equal = Spread.Of(runs.Select(r => At(ComputeOf(r), r.ValidationLoss, _cost))),
            Compute = Spread.Of(parts),
            Time = Spread.Of(times),
            Missed = parts.Count(p => !double.IsFinite(p)),
            Seeds = runs.Length,
        };
    }

    /// <summary>
    /// A start with LEMON's schedule: runs of several lengths, each of which decays all the way; the shortest that ends at the loss of
    /// the run from scratch lies between two of them.
    /// </summary>
    private Outcome? Schedules(string start)
    {
        var seeds = _rows.Where(r => r.Key.Start == start && r.Key.Schedule == "lemon" && r.Refused is null).GroupBy(r => r.Key.Seed)
            .Select(g => g.Concat(Plain(start).Where(p => p.Key.Seed == g.Key)).OrderBy(r => r.Key.Fraction).ToArray()).ToArray();
        if (seeds.Length == 0)
        {
            return null;
        }

        double Cost(RunRow row) => row.StartFlops + (row.FlopsPerStep * row.Steps);
        double[] parts = [.. seeds.Select(s => Reached([.. s.Select(Cost)], [.. s.Select(r => r.ValidationLoss[^1])], _goal) / _cost)];
        double[] times = [.. seeds.Select(s => Reached([.. s.Select(r => (r.Steps * _secondsPerStep) + _startSeconds[start])], [.. s.Select(r => r.ValidationLoss[^1])], _goal) / Seconds)];
        RunRow[] shortest = [.. seeds.Select(s => s[0])];
        return new Outcome
        {
            Name = start + ", own schedule",
            Begin = Spread.Of(shortest.Select(r => r.ValidationLoss[0])),
            Hundred = Spread.Of(shortest.Select(r => r.First.Skip(80).DefaultIfEmpty(double.NaN).Average())),
            End = Spread.Of(seeds.Select(s => s.Min(r => r.ValidationLoss[^1]))),
            Equal = Spread.Of(seeds.Select(s => s[^1].Key.Fraction == 1 ? s[^1].ValidationLoss[^1] : double.NaN)),
            Compute = Spread.Of(parts),
            Time = Spread.Of(times),
            Missed = parts.Count(p => !double.IsFinite(p)),
            Seeds = seeds.Length,
        };
    }

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Where a curve first comes down to a loss, between two of its points; NaN where it does not.</summary>
    internal static double Reached(IReadOnlyList<double> at, IReadOnlyList<double> losses, double goal)
    {
        for (int i = 0; i < losses.Count; i++)
        {
            if (losses[i] <= goal)
            {
                return i == 0 ? at[0] : at[i - 1] + ((at[i] - at[i - 1]) * (losses[i - 1] - goal) / (losses[i - 1] - losses[i]));
            }
        }

        return double.NaN;
    }

    /// <summary>The loss at a cost, between two points; that of the end where the run has cost less.</summary>
    internal static double At(IReadOnlyList<double> at, IReadOnlyList<double> losses, double cost)
    {
        int i = Enumerable.Range(0, at.Count).FirstOrDefault(k => at[k] >= cost, at.Count - 1);
        return i == 0 || at[i] < cost ? losses[i] : losses[i - 1] + ((losses[i] - losses[i - 1]) * (cost - at[i - 1]) / (at[i] - at[i - 1]));
    }
}
