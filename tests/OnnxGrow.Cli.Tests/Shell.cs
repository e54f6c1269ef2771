using System.Diagnostics;

namespace OnnxGrow.Cli.Tests;

/// <summary>Runs lines of the shell, where .NET has no call for what they do.</summary>
internal static class Shell
{
    public static int Run(string folder, string line)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder, ArgumentList = { "-c", line } })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
