namespace OnnxGrow.Bench.Savings;

/// <summary>Runs all of a comparison that is not there yet: first the rates from scratch, then everything at the best of them.</summary>
internal sealed class Comparison(Experiment experiment, int parallel, TimeSpan limit, Func<string, string, bool> wanted, IReadOnlySet<string>? starts)
{
    private readonly DateTime _end = DateTime.UtcNow + limit;

    public void Run()
    {
        foreach (TaskSetup task in experiment.Tasks)
        {
            foreach (GrowthSetup growth in experiment.Growths.Where(g => wanted(task.Name, g.Name)))
            {
                var results = new ResultFile(experiment, task, growth);
                All(task, growth, results, [.. task.Rates.Select(r => new RunKey("scratch", "plain", 1, r, experiment.Seeds[0]))]);
                if (BestRate(task, results) is not { } rate)
                {
                    return;
                }

                // Seed by seed, so that a comparison that is cut short is one of whole seeds.
                foreach (ulong seed in experiment.Seeds)
                {
                    All(task, growth, results, [.. Keys(growth, rate, seed)]);
                }
            }
        }
    }

    /// <summary>The rate with which training from scratch ends at the lowest loss; null where not all were tried.</summary>
    public static double? BestRate(TaskSetup task, ResultFile results)
    {
        RunRow[] swept = [.. results.Rows.Where(r => r.Key is { Start: "scratch" } && r.ValidationLoss.Count > 0)];
        return task.Rates.All(r => swept.Any(s => s.Key.Rate == r))
            ? task.Rates.MinBy(r => swept.Where(s => s.Key.Rate == r).OrderBy(s => s.Key.Seed).First().ValidationLoss[^1])
            : null;
    }

    private IEnumerable<RunKey> Keys(GrowthSetup growth, double rate, ulong seed)
    {
        foreach (Start start in Start.All.Where(s => s.Suits(growth) && (starts is null || s.Name == "scratch" || starts.Contains(s.Name))))
        {
            yield return new RunKey(start.Name, "plain", 1, rate, seed);
        }

        foreach (Start start in Start.All.Where(s => s.Suits(growth) && experiment.OwnSchedules.Contains(s.Name) && (starts is null || starts.Contains(s.Name))))
        {
            foreach (double fraction in experiment.LemonFractions)
            {
                yield return new RunKey(start.Name, "lemon", fraction, rate, seed);
            }
        }
    }

    private void All(TaskSetup task, GrowthSetup growth, ResultFile results, IReadOnlyList<RunKey> keys)
    {
        Parallel.ForEach(keys.Where(k => results.Find(k) is null), new ParallelOptions { MaxDegreeOfParallelism = parallel }, key =>
        {
            if (DateTime.UtcNow > _end)
            {
                return;
            }

            RunRow row = Runner.Run(task, growth, key);
            results.Add(row);
            string outcome = row.Refused ?? FormattableString.Invariant(
                $"{row.ValidationLoss[0]:F3} -> {row.ValidationLoss[^1]:F4}, {row.FlopsPerStep / 1e9:F2} GFLOP a step, {row.Seconds + row.StartSeconds:F0} s");
            Console.WriteLine($"{task.Name} {growth.Name}: {key}: {outcome}");
        });
    }
}
