using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxGrow.MSBuild;

/// <summary>A run of the command, without a shell between, which can be stopped.</summary>
internal sealed partial class ToolProcess
{
    private const int Terminate = 15; // SIGTERM

    // The command removes what it has not finished, which takes it half a second at most.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Process? _running;

    /// <summary>Whether it was told to stop.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Stops the run, or the one that is about to begin.</summary>
    public void Stop()
    {
        Process? running;
        lock (_lock)
        {
            Stopped = true;
            running = _running;
        }

        if (running is not null)
        {
            End(running);
        }
    }

    /// <summary>Runs the command to its end.</summary>
    /// <param name="tool">The command.</param>
    /// <param name="dotnet">What runs it if it is an assembly.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="output">Takes lines of standard output; on any thread.</param>
    /// <param name="error">Takes lines of standard error; on any thread.</param>
    /// <returns>The exit code; null where it was told to stop before it began.</returns>
    public int? Run(string tool, string dotnet, string folder, IEnumerable<string> arguments, Action<string> output, Action<string> error)
    {
        // A newer runtime does where the one that the command was made for is not there.
        string[] host = Tool.IsAssembly(tool) ? ["--roll-forward", "Major", tool] : [];
        var start = new ProcessStartInfo(host.Length > 0 ? dotnet : tool, [.. host, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Pass(e.Data, output);
        process.ErrorDataReceived += (_, e) => Pass(e.Data, error);
        lock (_lock)
        {
            if (Stopped)
            {
                return null;
            }

            process.Start();
            _running = process;
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        lock (_lock)
        {
            _running = null;
        }

        return process.ExitCode;
    }

    private static void Pass(string? line, Action<string> to)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            to(line);
        }
    }

    private static void End(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows() || Signal(process.Id, Terminate) != 0 || !process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
