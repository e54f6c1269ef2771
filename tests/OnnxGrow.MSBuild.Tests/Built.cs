using System.Diagnostics;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>What a build said.</summary>
/// <param name="ExitCode">0 where it succeeded.</param>
/// <param name="Text">All that it printed.</param>
internal sealed record Built(int ExitCode, string Text)
{
    private static readonly string Configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;

    /// <summary>The command that this repository's build has made.</summary>
    public static string Tool { get; } = Output("OnnxGrow.Cli", "onnxgrow.dll");

    /// <summary>The properties that point a project to what this repository's build has made.</summary>
    public static string[] FromSource { get; } =
    [
        "-p:OnnxGrowSource=" + Path.Combine(Repository.Root, "src") + "/",
        "-p:OnnxGrowToolPath=" + Tool,
        "-p:OnnxGrowTaskAssembly=" + Output("OnnxGrow.MSBuild", "OnnxGrow.MSBuild.dll"),
    ];

    /// <summary>The configuration that is being tested.</summary>
    public static string[] SameConfiguration => ["-c", Configuration];

    /// <summary>Runs <c>dotnet</c>, leaving no server behind.</summary>
    public static Built Run(string folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [.. arguments, "-nodeReuse:false", "-tl:off", "-nologo"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_CLI_UI_LANGUAGE"] = "en",
                ["DOTNET_NOLOGO"] = "1",
                ["UseSharedCompilation"] = "false",
            },
        };
        // What the build that runs the tests says of itself is not meant for another.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd() + error.Result;
        process.WaitForExit();
        return new Built(process.ExitCode, text);
    }

    /// <summary>Fails, with all that was printed, unless the build succeeded.</summary>
    public Built Succeeded()
    {
        Assert.True(ExitCode == 0, Text);
        return this;
    }

    /// <summary>Fails unless the build failed with a line that has all of this.</summary>
    public void FailedWith(params string[] parts)
    {
        Assert.True(ExitCode == 1, Text);
        Assert.True(Text.Split('\n').Any(line => parts.All(line.Contains)), $"no line has all of: {string.Join(" | ", parts)}\n{Text}");
    }

    private static string Output(string project, string file) => Path.Combine(Repository.Root, "src", project, "bin", Configuration, "net10.0", file);
}
