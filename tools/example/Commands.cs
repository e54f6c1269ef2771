using System.Diagnostics;

namespace OnnxGrow.Example;

/// <summary>Runs the project's commands and shows them, as a person would type them.</summary>
internal static class Commands
{
    /// <summary>The folder with OnnxGrow.sln.</summary>
    public static string Root { get; } = FindRoot();

    public static void OnnxGrow(params string[] arguments) => Run("onnxgrow", Path.Combine("src", "OnnxGrow.Cli"), arguments);

    public static void Data(params string[] arguments) => Run("data", Path.Combine("tools", "data"), arguments);

    private static void Run(string shown, string project, string[] arguments)
    {
        Console.WriteLine($"$ {shown} {string.Join(' ', arguments)}");
        var start = new ProcessStartInfo("dotnet", ["run", "-c", "Release", "--no-build", "--project", project, "--", .. arguments]) { WorkingDirectory = Root };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{shown} {arguments[0]}' ended with exit code {process.ExitCode}");
        }

        Console.WriteLine();
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OnnxGrow.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("OnnxGrow.sln was not found above " + AppContext.BaseDirectory);
    }
}
