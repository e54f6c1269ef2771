using System.Diagnostics;
using System.Globalization;
using System.Text;
using OnnxGrow.TestSupport.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>One worker process as its parent sees it.</summary>
internal sealed class WatchedWorker(FuzzTarget target, Tally tally)
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _errors = new();
    private TimeSpan _spentAtLine;
    private bool _lineSince;

    /// <summary>The input that was being read last.</summary>
    public long? Last { get; private set; }

    /// <summary>How the process ended, where it was not ended by its parent in time.</summary>
    public string? Death { get; private set; }

    /// <summary>What it wrote as it died.</summary>
    public string Errors
    {
        get
        {
            lock (_gate)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Follows the process until it ends, stands still for this much processor time, or is to end.</summary>
    public void Follow(Process process, TimeSpan stuck, Func<bool> done)
    {
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(200)))
        {
            if (done())
            {
                End(process);
                return;
            }

            // Processor time, so that a busy machine makes no findings.
            TimeSpan spent = process.HasExited ? TimeSpan.Zero : process.TotalProcessorTime;
            lock (_gate)
            {
                _spentAtLine = _lineSince ? spent : _spentAtLine;
                _lineSince = false;
            }

            if (spent - _spentAtLine > stuck)
            {
                End(process);
                Death = string.Create(CultureInfo.InvariantCulture, $"{Run.Death} stood still for {stuck.TotalSeconds} s");
                return;
            }
        }

        process.WaitForExit();
        Death = string.Create(CultureInfo.InvariantCulture, $"{Run.Death} died with {process.ExitCode}: {Frame()}");
    }

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    private void Take(string? line)
    {
        if (string.IsNullOrEmpty(line))
        {
            return;
        }

        lock (_gate)
        {
            _lineSince = true;
        }

        string[] parts = line[1..].Split('\t');
        switch (line[0])
        {
            case Worker.Started:
                Last = long.Parse(parts[0], CultureInfo.InvariantCulture);
                break;
            case Worker.Found:
                tally.Add(target, parts[1], long.Parse(parts[0], CultureInfo.InvariantCulture), parts[2]);
                break;
            case Worker.Counted:
                tally.Count(target, long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
                break;
            default:
                Note(line);
                break;
        }
    }

    private void Note(string? line)
    {
        lock (_gate)
        {
            if (line is not null && _errors.Length < 20_000)
            {
                _errors.Append(line).Append('\u2424');
            }
        }
    }

    // The first frame of the project's own in what the runtime writes of a stack overflow.
    private string Frame() =>
        Errors.Split('\u2424').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("at OnnxGrow.", StringComparison.Ordinal) || l.StartsWith("at Onnx.", StringComparison.Ordinal))?.Split('(')[0] ?? "no stack";
}
