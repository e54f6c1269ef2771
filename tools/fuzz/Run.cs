using System.Diagnostics;
using System.Globalization;
using OnnxGrow.Testing.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>Runs workers, notes what they find, names the input when one dies or stands still, and starts another behind it.</summary>
internal sealed class Run(Options options)
{
    /// <summary>How the key of a finding that ended a process begins.</summary>
    public const string Death = "the process";

    // What a worker may hold at once: enough for any input, and an allocation that grows with a lie in a file fails.
    private const string HeapLimit = "0x60000000";

    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly Tally _tally = new(options);
    private readonly long[] _next = new long[Enum.GetValues<FuzzTarget>().Length];

    /// <summary>Runs for the minutes asked for; each target gets its share, in turns.</summary>
    public int Go()
    {
        var clock = Stopwatch.StartNew();
        TimeSpan all = TimeSpan.FromMinutes(options.Minutes);
        // Turns rather than one share each, so that a run that is stopped has tried everything.
        TimeSpan turn = TimeSpan.FromSeconds(Math.Clamp(all.TotalSeconds / options.Targets.Length, 1, 60));
        TimeSpan told = TimeSpan.Zero;
        Array.Fill(_next, options.From);
        for (int i = 0; clock.Elapsed < all; i++)
        {
            FuzzTarget target = options.Targets[i % options.Targets.Length];
            TimeSpan end = TimeSpan.FromTicks(Math.Min((clock.Elapsed + turn).Ticks, all.Ticks));
            Turn(target, clock, end);
            if (clock.Elapsed - told > ReportEvery)
            {
                told = clock.Elapsed;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"after {clock.Elapsed.TotalMinutes:0.0} min\n{_tally.Report()}"));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}, {clock.Elapsed.TotalMinutes:0.0} min, {options.Workers} workers\n{_tally.Report()}"));
        return _tally.Findings == 0 ? 0 : 1;
    }

    private void Turn(FuzzTarget target, Stopwatch clock, TimeSpan end)
    {
        long from = _next[(int)target];
        var reached = new long[options.Workers];
        Thread[] threads = [.. Enumerable.Range(0, options.Workers).Select(w => new Thread(() => reached[w] = Watch(target, from + w, clock, end)))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        // The slowest decides, so that no number is left out; some are read twice.
        long least = reached.Select((r, w) => r - w).Min();
        _next[(int)target] = Math.Max(from, least);
    }

    private long Watch(FuzzTarget target, long from, Stopwatch clock, TimeSpan end)
    {
        while (clock.Elapsed < end)
        {
            var worker = new WatchedWorker(target, _tally);
            using Process process = Start(target, from);
            worker.Follow(process, Stuck, () => clock.Elapsed >= end);
            from = (worker.Last ?? from) + options.Workers;
            if (worker.Death is { } death && worker.Last is { } last)
            {
                _tally.Add(target, death, last, worker.Errors);
            }
            else if (worker.Death is not null)
            {
                throw new ArgumentException($"a worker ended before its first input: {worker.Errors}");
            }
        }

        return from;
    }

    private Process Start(FuzzTarget target, long from)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Run).Assembly.Location);
        }

        string[] arguments =
        [
            "--worker", "--target", target.ToString(), "--seed", options.Seed.ToString(CultureInfo.InvariantCulture),
            "--from", from.ToString(CultureInfo.InvariantCulture), "--step", options.Workers.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_gcServer"] = "0";
        return Process.Start(start)!;
    }
}
