using System.Reflection;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Packages.Tests;

/// <summary>
/// What the libraries offer changes only where somebody means it to: the listing beside each project file is compared with what was built.
/// </summary>
public sealed class PublicApiTests
{
    private const string Accept = "ACCEPT_PUBLIC_API";

    /// <summary>No C# of the project's own that others call: the command, ONNX Runtime's API, and what a build uses by its items.</summary>
    private static readonly string[] NoLibraries = ["OnnxGrow.Cli", "OnnxRuntime", "OnnxGrow.MSBuild"];

    public static TheoryData<string> Libraries => [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
        .Where(f => Directory.EnumerateFiles(f, "*.csproj").Any()).Select(f => Path.GetFileName(f))
        .Where(n => !NoLibraries.Contains(n) && (n != "OnnxGrow.TorchSharp" || Build.PacksTorchSharp)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_API_is_the_one_that_is_written_down(string library)
    {
        string file = Path.Combine(Repository.Root, "src", library, "PublicApi.txt");
        string built = PublicApi.Of(Assembly.Load(library == "OnnxGrow" ? "OnnxGrow.Core" : library));
        Assert.NotEmpty(built);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(file, built);
        }

        string written = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        Assert.True(written == built, $"""
            The public API of {library} is not what src/{library}/PublicApi.txt says:
            {Difference(written, built)}
            If it should change so, write the file anew and commit it:
              {Accept}=1 dotnet test -c Release tests/OnnxGrow.Packages.Tests --filter PublicApiTests
            """);
    }

    /// <summary>Each line that is on one side only, under the type that it belongs to.</summary>
    private static string Difference(string written, string built)
    {
        HashSet<string> before = [.. Placed(written)], after = [.. Placed(built)];
        return string.Join('\n', before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)).Take(40));
    }

    private static IEnumerable<string> Placed(string listing)
    {
        string type = "";
        foreach (string line in listing.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isMember = line.StartsWith(' ');
            type = isMember ? type : line;
            yield return isMember ? $"{type} | {line.Trim()}" : line;
        }
    }
}
