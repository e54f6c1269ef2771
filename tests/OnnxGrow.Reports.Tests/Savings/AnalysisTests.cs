using OnnxGrow.Bench.Savings;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Reports.Tests.Savings;

/// <summary>What is said to be saved, from runs whose curves are known.</summary>
public sealed class AnalysisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TaskSetup _task = new() { Name = "gpt", Source = "s", Recipe = "r", Steps = 100, EvaluateEvery = 50, Rates = [0.1, 0.2] };
    private readonly GrowthSetup _growth = new("both", 64, 4, 4);

    [Theory]
    [InlineData(3.0, 0.0)]
    [InlineData(2.5, 5.0)]
    [InlineData(2.0, 10.0)]
    [InlineData(1.5, 20.0)]
    [InlineData(0.5, double.NaN)]
    public void Where_a_curve_reaches_a_loss_lies_between_two_points(double goal, double expected)
    {
        // It rises again: the first time counts.
        Assert.Equal(expected, Bench.Savings.Analysis.Reached([0, 10, 20, 30], [3, 2, 1.5, 1.9], goal));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(5, 2.5)]
    [InlineData(30, 1.9)]
    [InlineData(99, 1.9)]
    public void The_loss_at_a_cost_does_too(double cost, double expected) => Assert.Equal(expected, Bench.Savings.Analysis.At([0, 10, 20, 30], [3, 2, 1.5, 1.9], cost), 1e-12);

    [Fact]
    public void Compute_and_time_count_what_making_the_start_has_cost()
    {
        Bench.Savings.Analysis analysis = Of(
            Run("scratch", 0.1, 0, [9, 4, 3]),
            Run("scratch", 0.2, 0, [9, 4, 2]),
            Run("scratch", 0.2, 1, [9, 4, 2.2]),
            Run("lemon", 0.2, 0, [5, 2.1, 1]),
            Run("lemon", 0.2, 1, [5, 3.1, 2.1]),
            Run("ligo", 0.2, 0, [5, 2.1, 1]) with { StartFlops = 1000, StartSeconds = 5 },
            Run("stack", 0.2, 0, [5, 4, 3]),
            Run("lemon", 0.2, 0, [5, 4, 2.4], "lemon", 0.5),
            Run("hypercloning", 0.2, 0, []) with { Refused = "no multiple" });
        Assert.Equal(0.2, analysis.Rate);
        Assert.Equal(2.1, analysis.Goal, 1e-12);
        Assert.Equal([(0.1, 3), (0.2, 2)], analysis.Sweep);
        Assert.Equal([("hypercloning", "no multiple")], analysis.Refused);
        Dictionary<string, Outcome> outcomes = analysis.Outcomes().ToDictionary(o => o.Name);
        Assert.Equal((0.75, 2, 0), (outcomes["lemon"].Compute.Mean, outcomes["lemon"].Seeds, outcomes["lemon"].Missed));
        Assert.Equal(Math.Sqrt(0.125), outcomes["lemon"].Compute.Deviation, 1e-12);

        // 100 steps of 100 operations: learning has cost ten steps more; 5 of 20 seconds.
        Assert.Equal(0.6, outcomes["ligo"].Compute.Mean, 1e-12);
        Assert.Equal(0.75, outcomes["ligo"].Time.Mean, 1e-12);
        Assert.Equal(1.22, outcomes["ligo"].Equal.Mean, 1e-12);
        Assert.Equal((1, 1), (outcomes["stack"].Missed, outcomes["stack"].Seeds));

        // Between the run of half the steps, which ends at 2.4, and that of all, which ends at 1.
        Assert.Equal(0.5 + (0.5 * 0.3 / 1.4), outcomes["lemon, own schedule"].Compute.Mean, 1e-12);
        IReadOnlyList<string>[] summary = [.. SavingsText.Summary([analysis])];
        Assert.Equal(["lemon", "25.0 %"], summary.Single(r => r[0] == "lemon"));
        Assert.Equal(["ligo", "**40.0 %**"], summary.Single(r => r[0] == "ligo"));
        Assert.Equal(["stack", "no"], summary.Single(r => r[0] == "stack"));
    }

    [Fact]
    public void Without_the_whole_sweep_there_is_no_comparison()
    {
        ResultFile results = Results(Run("scratch", 0.1, 0, [9, 4, 3]), Run("lemon", 0.1, 0, [9, 4, 3]));
        Assert.Null(Bench.Savings.Analysis.Of(_task, results));
    }

    public void Dispose() => _folder.Dispose();

    private Bench.Savings.Analysis Of(params RunRow[] rows) => Bench.Savings.Analysis.Of(_task, Results(rows))!;

    private ResultFile Results(params RunRow[] rows)
    {
        var experiment = new Experiment { Folder = _folder.Path, Results = _folder.Path, Tasks = [_task], Growths = [_growth], Seeds = [0, 1], LemonFractions = [0.5], OwnSchedules = ["lemon"] };
        var file = new ResultFile(experiment, _task, _growth);
        foreach (RunRow row in rows)
        {
            file.Add(row);
        }

        // What is read back is what was written.
        var again = new ResultFile(experiment, _task, _growth);
        Assert.Equal(rows.Length, again.Rows.Count);
        return again;
    }

    private static RunRow Run(string start, double rate, ulong seed, double[] losses, string schedule = "plain", double fraction = 1) => new()
    {
        Key = new RunKey(start, schedule, fraction, rate, seed), Date = "2026-01-01", Machine = "one", Parameters = 10, FlopsPerStep = 100,
        Steps = (long)(100 * fraction), Seconds = 20 * fraction, At = [.. losses.Select((_, i) => (long)(i * 50 * fraction))], ValidationLoss = losses, First = [.. losses],
    };
}
