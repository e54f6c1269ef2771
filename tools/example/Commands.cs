using System.Diagnostics;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Example;

/// <summary>Runs the project's commands and shows them, as a person would type them.</summary>
internal static class Commands
{
    public static void OnnxGrow(params string[] arguments) => Run("onnxgrow", Path.Combine("src", "OnnxGrow.Cli"), arguments);

    public static void Data(params string[] arguments) => Run("data", Path.Combine("tools", "data"), arguments);

    private static void Run(string shown, string project, string[] arguments)
    {
        Console.WriteLine($"$ {shown} {string.Join(' ', arguments)}");
        var start = new ProcessStartInfo("dotnet", ["run", "-c", "Release", "--no-build", "--project", project, "--", .. arguments]) { WorkingDirectory = Repository.Root };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{shown} {arguments[0]}' ended with exit code {process.ExitCode}");
        }

        Console.WriteLine();
    }
}
