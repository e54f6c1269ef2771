using System.Diagnostics;
using System.Globalization;
using OnnxGrow.TestSupport.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>Runs workers, notes what they find, names the input when one dies or stands still, and starts another behind it.</summary>
internal sealed class Run(Options options)
{
    /// <summary>How the key of a finding that ended a process begins.</summary>
    public const string Death = "the process";

    // What a worker may hold at once: enough for any input, and an allocation that grows with a lie in a file fails.
    private const string HeapLimit = "0x60000000";

    private const int MostFailedStarts = 20;

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
        int failed = 0;
        while (clock.Elapsed < end)
        {
            var worker = new WatchedWorker(target, _tally);
            using Process process = Start("--worker", "--target", target.ToString(), "--seed", Text(options.Seed), "--from", Text(from), "--step", Text(options.Workers));
            worker.Follow(process, Stuck, () => clock.Elapsed >= end);
            if (worker.Last is { } last)
            {
                from = last + options.Workers;
                if (worker.Death is { } death && Again(target, last))
                {
                    _tally.Add(target, death, last, worker.Errors);
                }
            }
            else if (worker.Death is not null && ++failed > MostFailedStarts)
            {
                Console.Error.WriteLine($"fuzz: no worker starts: {worker.Errors}");
                return from;
            }
        }

        return from;
    }

    // A machine that has no memory for a moment kills processes too; an input that does so does it twice.
    private bool Again(FuzzTarget target, long number)
    {
        using Process process = Start("--target", target.ToString(), "--seed", Text(options.Seed), "--input", Text(number));
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(200)))
        {
            if (!process.HasExited && process.TotalProcessorTime > Stuck)
            {
                process.Kill();
                process.WaitForExit();
                return true;
            }
        }

        if (process.ExitCode == 0)
        {
            Console.WriteLine($"not repeated: {target} {Text(number)}");
        }

        return process.ExitCode != 0;
    }

    private static string Text<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static Process Start(params string[] arguments)
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

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_gcServer"] = "0";
        return Process.Start(start)!;
    }
}
