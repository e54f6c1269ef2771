using System.Diagnostics;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Docs.Tests;

/// <summary>A folder as a user has it: <c>onnxgrow</c> on the path, models and docs at hand.</summary>
internal sealed class Installed : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Installed()
    {
        Directory.CreateDirectory(_folder.File("bin"));
        string command = _folder.File("bin/onnxgrow");
        File.WriteAllText(command, $"#!/bin/sh\nexec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (string name in new[] { "models", "docs" })
        {
            Directory.CreateSymbolicLink(_folder.File(name), Path.Combine(Repository.Root, name));
        }
    }

    /// <summary>Where it is.</summary>
    public string Folder => _folder.Path;

    /// <summary>Runs a script in the folder; a command that fails ends it.</summary>
    public (int Exit, string Output) Run(string shell, string script)
    {
        File.WriteAllText(_folder.File("script.sh"), script);
        var start = new ProcessStartInfo(shell, [.. shell == "sh" ? ["-e"] : Array.Empty<string>(), "script.sh"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = _folder.File("bin") + Path.PathSeparator + start.Environment["PATH"];
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    public void Dispose() => _folder.Dispose();
}
