using System.Diagnostics;
using System.Globalization;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Cli.Output;

/// <summary>A training run for a person: a line that changes on a terminal, and a line that stays for each evaluation.</summary>
internal sealed class TrainingView : IRunObserver, IDisposable
{
    private const int MostFrozen = 6;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    private readonly bool _terminal = ProgressLine.IsWanted(Console.IsErrorRedirected, Environment.GetEnvironmentVariable);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _shown = TimeSpan.MinValue;
    private long _from;
    private long _steps;
    private long _entriesBefore = -1;
    private double _secondsBefore;
    private bool _line;

    public void Begin(RunSummary summary, long from, long steps)
    {
        (_from, _steps) = (from, steps);
        Terminal.Line($"training {Text.Number(summary.Elements)} parameters in {Text.Number(summary.Trained)} weights, {Text.Number(summary.TrainingSamples)} samples, {Text.Number(summary.ValidationSamples)} for validation");
        FrozenTensor[] frozen = [.. summary.Frozen.Where(f => f.Reason != "a number, not a weight")];
        foreach (FrozenTensor tensor in frozen.Take(MostFrozen))
        {
            Terminal.Line($"  not trained: {Text.Name(tensor.Name)} ({tensor.Reason})");
        }

        if (frozen.Length > MostFrozen)
        {
            Terminal.Line($"  and {Text.Number(frozen.Length - MostFrozen)} more that are not trained");
        }

        if (from > 0)
        {
            Terminal.Line($"carried on from step {Text.Number(from)}");
        }

        _watch.Restart();
    }

    public void Logged(LogEntry entry)
    {
        if (entry.ValidationLoss is { } validation)
        {
            Clear();
            string accuracy = entry.ValidationAccuracy is { } right ? string.Create(CultureInfo.InvariantCulture, $", {100 * right:0.00} % right") : "";
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"step {entry.Step,6}: validation loss {validation:0.00000}{accuracy}, after {Duration(entry.Seconds ?? 0)}"));
            return;
        }

        if (_entriesBefore < 0)
        {
            (_entriesBefore, _secondsBefore) = (entry.Entries ?? 0, entry.Seconds ?? 0);
        }

        if (_terminal && (_watch.Elapsed - _shown > Between || entry.Step == _steps))
        {
            _shown = _watch.Elapsed;
            Console.Error.Write("\r\e[2K" + Describe(entry));
            _line = true;
        }
    }

    /// <summary>What came of it.</summary>
    public void Finish(RunResult result)
    {
        Clear();
        Terminal.Line($"{Text.Name(result.Output)}: written after {Text.Number(result.Steps)} steps");
    }

    public void Dispose() => Clear();

    private string Describe(LogEntry entry)
    {
        double rate = (entry.Step - _from) / Math.Max(_watch.Elapsed.TotalSeconds, 1e-3);
        double throughput = ((entry.Entries ?? 0) - _entriesBefore) / Math.Max((entry.Seconds ?? 0) - _secondsBefore, 1e-3);
        string left = Duration((_steps - entry.Step) / Math.Max(rate, 1e-9));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {entry.Step} of {_steps}: loss {entry.Loss:0.0000}, lr {entry.Rate:0.0e+0}, {throughput:0} labels/s, {left} left");
    }

    private void Clear()
    {
        if (_line)
        {
            Console.Error.Write("\r\e[2K");
            _line = false;
        }
    }

    private static string Duration(double seconds) =>
        TimeSpan.FromSeconds(Math.Min(seconds, 1e8)).ToString(seconds < 3600 ? @"m\:ss" : seconds < 86_400 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
