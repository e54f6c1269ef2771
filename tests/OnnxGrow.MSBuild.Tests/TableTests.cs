using System.Diagnostics;
using System.Text.RegularExpressions;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>The metadata, the command's options and the documentation say the same.</summary>
public sealed partial class TableTests
{
    private static string Table => string.Concat(GrowMetadata.All.Select(m => $"| `{m.Name}` | {(m.Option is null ? "" : $"`{m.Option}`")} | {m.Says} |\n"));

    [Theory]
    [InlineData("docs/build-step.md")]
    [InlineData("src/OnnxGrow.MSBuild/README.md")]
    public void The_documentation_has_the_table(string file)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, file)).ReplaceLineEndings("\n");
        Assert.True(text.Contains(Table, StringComparison.Ordinal), $"{file} should have these lines:\n{Table}");
    }

    [Fact]
    public void Every_option_of_the_command_is_a_metadata_or_left_out_on_purpose()
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Built.Tool, "grow", "--help"]) { RedirectStandardOutput = true })!;
        string help = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        IEnumerable<string> options = Option().Matches(help).Select(m => m.Groups[1].Value);
        Assert.Equal(
            options.Order(StringComparer.Ordinal),
            GrowMetadata.All.Select(m => m.Option).OfType<string>().Concat(GrowMetadata.NotMetadata).Order(StringComparer.Ordinal));
    }

    // At the beginning of a line, behind its short forms.
    [GeneratedRegex("^  (?:-[^-, ]+, )*(--[a-z-]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Option();
}
