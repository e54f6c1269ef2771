using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Cli;

/// <summary>
/// What happens on Ctrl-C, or when the process is told to end: the work is stopped through <see cref="Token"/>, and cleans up
/// after itself. Work that does not end soon (a large file that is being flushed, ONNX Runtime preparing a graph) is not
/// waited for: what is unfinished is removed, and the process ends.
/// </summary>
internal sealed partial class Interruption : IDisposable
{
    private const int SignalBase = 128;
    private const int FileSizeSignal = 25; // SIGXFSZ, on Linux, macOS and the BSDs
    private const nint Ignored = 1; // SIG_IGN

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly CancellationTokenSource Source = new();
    private static int _exitCode;

    private readonly PosixSignalRegistration[] _registrations;

    private Interruption()
    {
        // Handlers run on pool threads, which the writing of a model may keep busy.
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(workers + 2, completions);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => OnSignal(context, 1)),
        ];
        if (!OperatingSystem.IsWindows())
        {
            // A limit on the size of files would end the process without a word; ignored, it is an error of the write. Not by
            // a registration: its handler runs later than the write fails, and may find that it has been disposed of.
            Handle(FileSizeSignal, Ignored);
        }
    }

    /// <summary>Is cancelled when the process is told to end.</summary>
    public static CancellationToken Token => Source.Token;

    /// <summary>What the process ends with once it was told to end: 130 on Ctrl-C, 143 on SIGTERM; null before.</summary>
    public static int? ExitCode => Volatile.Read(ref _exitCode) is > 0 and var code ? code : null;

    public static Interruption Install() => new();

    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());

    private static void OnSignal(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        bool first = Interlocked.CompareExchange(ref _exitCode, SignalBase + number, 0) == 0;
        if (first)
        {
            new Thread(EndSoon) { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
            Source.Cancel();
        }
        else
        {
            EndNow();
        }
    }

    private static void EndSoon()
    {
        Thread.Sleep(Patience);
        EndNow();
    }

    // Not Environment.Exit, which waits for what native libraries do when a process ends.
    private static void EndNow()
    {
        UnfinishedOutput.Remove();
        Console.Error.WriteLine("onnxgrow: stopped");
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(ExitCode!.Value);
        }

        Leave(ExitCode!.Value);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Leave(int code);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Handle(int signal, nint handler);
}
