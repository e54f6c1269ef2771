using System.Diagnostics;
using System.Globalization;

namespace OnnxGrow.Cli.Output;

/// <summary>
/// One line on a terminal's standard error that says how far the work is: bytes, rate and time left. It is gone when the
/// work is done. There is none where standard error is a file or a pipe, or CI or NO_COLOR is set, or the terminal is dumb.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const string ClearLine = "\r\e[2K";
    private const int DefaultWidth = 80;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Next = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly WorkProgress _progress;
    private readonly TextWriter _out;
    private readonly Timer _timer;
    private int _stage;
    private long _since;
    private bool _shown;
    private bool _done;

    private ProgressLine(WorkProgress progress, TextWriter output)
    {
        _progress = progress;
        _out = output;
        _timer = new Timer(_ => Show());
        _timer.Change(First, Next);
    }

    /// <summary>Shows the progress of some work until it is disposed; null where nobody looks.</summary>
    public static ProgressLine? Start(WorkProgress progress) =>
        IsWanted(Console.IsErrorRedirected, Environment.GetEnvironmentVariable) ? new ProgressLine(progress, Console.Error) : null;

    /// <summary>Whether somebody looks.</summary>
    public static bool IsWanted(bool redirected, Func<string, string?> environment) =>
        !redirected
        && environment("CI") is not { Length: > 0 }
        && environment("NO_COLOR") is not { Length: > 0 }
        && environment("TERM") is not "dumb";

    /// <summary>The line.</summary>
    /// <param name="state">How far the work is.</param>
    /// <param name="elapsed">How long the stage has taken so far.</param>
    public static string Describe(WorkProgress.State state, TimeSpan elapsed)
    {
        if (state.Total == 0)
        {
            return $"{state.What} ... {Duration(elapsed)}";
        }

        double seconds = Math.Max(elapsed.TotalSeconds, 1e-3);
        double rate = state.Done / seconds;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{state.What}: {OnnxGrow.Text.Bytes(state.Done)} of {OnnxGrow.Text.Bytes(state.Total)} ({100 * state.Done / (double)state.Total:0} %), {OnnxGrow.Text.Bytes((long)rate)}/s");
        return state.Done == 0 || state.Done == state.Total ? text
            : $"{text}, {Duration(TimeSpan.FromSeconds((state.Total - state.Done) / rate))} left";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _done = true;
            if (_shown)
            {
                _out.Write(ClearLine);
            }
        }
    }

    private static string Duration(TimeSpan time) =>
        time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s");

    private static int Width()
    {
        try
        {
            return Console.WindowWidth > 1 ? Console.WindowWidth : DefaultWidth;
        }
        catch (IOException)
        {
            return DefaultWidth;
        }
    }

    private void Show()
    {
        lock (_gate)
        {
            WorkProgress.State state = _progress.Now;
            if (_done || state.Number == 0)
            {
                return;
            }

            if (state.Number != _stage)
            {
                (_stage, _since) = (state.Number, Stopwatch.GetTimestamp());
            }

            string line = Describe(state, Stopwatch.GetElapsedTime(_since));
            int width = Width() - 1;
            _out.Write(ClearLine + (line.Length <= width ? line : line[..width]));
            _shown = true;
        }
    }
}
