using System.Diagnostics;
using System.Globalization;

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

    public Result Run(params string[] args) => RunWith([], ".", args);

    /// <summary>With variables of the environment set, in a folder below.</summary>
    public Result RunWith((string Name, string Value)[] environment, string folder, string[] args)
    {
        ProcessStartInfo start = Start(args);
        start.WorkingDirectory = PathOf(folder);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Finish(start);
    }

    /// <summary>After a line of the shell, such as one that sets a limit.</summary>
    public (int Exit, string Error) RunInShell(string line, params string[] args)
    {
        ProcessStartInfo start = Start(args);
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "/bin/sh";
        start.ArgumentList.Clear();
        string[] shell = ["-c", $"{line}; exec \"$@\"", "sh", .. command];
        Array.ForEach(shell, start.ArgumentList.Add);
        Result result = Finish(start);
        return (result.Exit, result.Error);
    }

    /// <summary>Sends a signal as soon as something is so.</summary>
    public (int Exit, string Error) EndWhen(Func<bool> isSo, int signal, params string[] args)
    {
        using Process process = Process.Start(Start(args))!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        while (!process.HasExited && !isSo())
        {
            Thread.Sleep(1);
        }

        Shell.Run(Folder, $"kill -{signal.ToString(CultureInfo.InvariantCulture)} {process.Id.ToString(CultureInfo.InvariantCulture)}");
        process.WaitForExit();
        return (process.ExitCode, error.Result);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private ProcessStartInfo Start(string[] args)
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
        Array.ForEach(args, start.ArgumentList.Add);
        return start;
    }

    private static Result Finish(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, error.Result);
    }

    public sealed record Result(int Exit, string Output, string Error);
}
