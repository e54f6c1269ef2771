using System.Diagnostics;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport;

/// <summary>
/// Lets <c>onnxgrow grow --force</c> replace a model and its data file by those of another plan, ends the process in the
/// middle, and looks at what is left: the old pair or the whole new one, if need be after the next run.
/// </summary>
public sealed class KillLoop : IDisposable
{
    private const string Output = "grown.onnx";

    private static readonly string[] Data = [Output, Output + ".data"];

    private readonly string _command;
    private readonly string[] _sizes;
    private readonly TemporaryFolder _folder = new();
    private readonly System.Random _random;
    private readonly string[][] _states;
    private readonly TimeSpan _longest;

    /// <summary>Makes the source, and grows it by both plans once without a disturbance.</summary>
    /// <param name="command">The path of onnxgrow.dll.</param>
    /// <param name="sizes">Options that say how large the grown model becomes.</param>
    /// <param name="seed">Decides the moments.</param>
    public KillLoop(string command, string[] sizes, int seed)
    {
        _command = command;
        _sizes = sizes;
        _random = new System.Random(seed);
        using (OnnxModel source = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx")))
        {
            source.Save(_folder.File("source.onnx"), new SaveOptions { ExternalThreshold = 1 });
        }

        var watch = new Stopwatch();
        _states = [.. new[] { 0, 1 }.Select(plan =>
        {
            watch.Restart();
            using Process process = Start(plan);
            process.WaitForExit();
            return process.ExitCode == 0 ? State() : throw new InvalidOperationException($"the growth itself ended with {process.ExitCode}");
        })];
        _longest = watch.Elapsed;
        Bytes = Data.Sum(name => new FileInfo(_folder.File(name)).Length);
    }

    /// <summary>The bytes that each growth writes.</summary>
    public long Bytes { get; }

    /// <summary>How long a growth takes that nothing disturbs.</summary>
    public TimeSpan Undisturbed => _longest;

    /// <summary>Ends one growth, and says what it left.</summary>
    /// <param name="at">When.</param>
    /// <param name="signal">How: 9, 2 or 15.</param>
    public KillOutcome Once(KillMoment at, int signal)
    {
        string[] old = State();
        int plan = old.SequenceEqual(_states[0]) ? 1 : 0;
        using Process process = Start(plan);
        if (at == KillMoment.Publishing)
        {
            while (!process.HasExited && !Directory.EnumerateDirectories(_folder.Path, $".{Output}.*").Any(d => File.Exists(Path.Combine(d, "commit"))))
            {
                Thread.SpinWait(20);
            }
        }
        else
        {
            process.WaitForExit(TimeSpan.FromTicks(_random.NextInt64(_longest.Ticks)));
        }

        long told = Stopwatch.GetTimestamp();
        bool early = !process.HasExited;
        if (early)
        {
            _ = kill(process.Id, signal);
        }

        process.WaitForExit();
        TimeSpan took = Stopwatch.GetElapsedTime(told);
        bool model = File.Exists(_folder.File(Output));
        string[] left = State();
        bool leftovers = Leftovers();
        string? wrong = model && !Whole(left) ? "a model beside data that is not its own" : null;

        // The next run: it refuses to replace what stands, so all it does is to finish or remove what was left.
        using Process next = Start(plan, force: false);
        next.WaitForExit();
        string[] after = State();
        wrong ??= !Whole(after) ? "neither the old state nor the new one after the next run"
            : Leftovers() ? "leftovers after the next run"
            : signal != 9 && leftovers ? "leftovers of a process that was asked to end"
            : signal != 9 && early && process.ExitCode != 128 + signal && !left.SequenceEqual(_states[plan]) ? $"exit code {process.ExitCode}"
            : null;
        return new KillOutcome(early, !model, leftovers, after.SequenceEqual(_states[plan]), took, wrong);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private bool Whole(string[] state) => state.SequenceEqual(_states[0]) || state.SequenceEqual(_states[1]);

    private string[] State() => [.. Data.Select(name => File.Exists(_folder.File(name)) ? ContentHash.Sha256OfFile(_folder.File(name)) : "")];

    private bool Leftovers() => Directory.EnumerateFileSystemEntries(_folder.Path, ".*").Any();

    private Process Start(int plan, bool force = true)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _folder.Path, RedirectStandardError = true, RedirectStandardOutput = true };
        string[] args = ["exec", _command, "grow", "source.onnx", "-o", Output, .. _sizes, "--no-verify", "--seed", plan == 0 ? "1" : "2", "--block", plan == 0 ? "zero" : "cancel", .. force ? ["--force"] : Array.Empty<string>()];
        Array.ForEach(args, start.ArgumentList.Add);
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}

/// <summary>When a growth is ended.</summary>
public enum KillMoment
{
    /// <summary>At any moment from the start of the process to its end.</summary>
    Any,

    /// <summary>As soon as the files are being given their names.</summary>
    Publishing,
}

/// <summary>What a growth left that was ended.</summary>
/// <param name="Early">Whether it was ended before it was done.</param>
/// <param name="NoModel">Whether no model stood there, for the next run to put it back.</param>
/// <param name="Leftovers">Whether it left something to remove.</param>
/// <param name="New">Whether the new state stood after the next run; else the old one.</param>
/// <param name="Took">From the signal to the end of the process.</param>
/// <param name="Wrong">What must not be; null where all is as it should.</param>
public sealed record KillOutcome(bool Early, bool NoModel, bool Leftovers, bool New, TimeSpan Took, string? Wrong);
