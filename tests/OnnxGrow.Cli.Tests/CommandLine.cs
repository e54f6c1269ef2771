using System.Diagnostics;

namespace OnnxGrow.Cli.Tests;

/// <summary>Runs the command as a process, as its users do, in a folder of its own.</summary>
public sealed class CommandLine : IDisposable
{
    public CommandLine() => Folder = Directory.CreateTempSubdirectory("onnxgrow-cli-").FullName;

    public string Folder { get; }

    /// <summary>Environment variables of the runs to come.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Options of the .NET host for the runs to come.</summary>
    public List<string> HostOptions { get; } = [];

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string[] Files => [.. Directory.EnumerateFileSystemEntries(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    public Result Run(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        HostOptions.ForEach(start.ArgumentList.Add);
        foreach ((string name, string value) in Variables)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll"));
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, error.Result);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public sealed record Result(int Exit, string Output, string Error);
}
