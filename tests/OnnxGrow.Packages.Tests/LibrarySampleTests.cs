using System.Text.RegularExpressions;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Packages.Tests;

public sealed partial class LibrarySampleTests
{
    private static readonly string Project = Path.Combine(Repository.Root, "tools", "samples", "library");

    internal static readonly string Source = Path.Combine(Project, "Program.cs");

    [Fact]
    public void The_main_job_takes_fewer_than_ten_statements()
    {
        string[] lines = File.ReadAllLines(Source);
        string[] statements = [.. lines.Where(l => l.Length > 0 && !Directive.IsMatch(l))];
        Assert.InRange(statements.Length, 5, 9);
        Assert.All(statements, s => Assert.Single(s.Split("//")[0], c => c == ';'));
    }

    [Fact]
    public void The_sample_grows_a_model_and_does_not_replace_one()
    {
        using var folder = new TemporaryFolder();
        string program = Path.Combine(Project, "bin", Build.Configuration, "net10.0", "OnnxGrow.Samples.Library.dll");
        string[] arguments = [program, Repository.Model("bert-mini-op17.onnx"), "grown.onnx"];

        Assert.StartsWith("grown.onnx: equivalent", Programs.Dotnet(folder.Path, arguments).Well(), StringComparison.Ordinal);
        byte[] grown = File.ReadAllBytes(folder.File("grown.onnx"));

        Ended again = Programs.Dotnet(folder.Path, arguments);
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("grown.onnx", again.Errors, StringComparison.Ordinal);
        Assert.Equal(grown, File.ReadAllBytes(folder.File("grown.onnx")));
    }

    [Fact]
    public void The_README_shows_the_sample_as_it_is()
    {
        string statements = string.Join('\n', File.ReadAllLines(Source).Where(l => !Directive.IsMatch(l))).Trim();
        Assert.Contains($"```csharp\n{statements}\n```", File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^using [\w.]+;$")]
    private static partial Regex Directive { get; }
}
