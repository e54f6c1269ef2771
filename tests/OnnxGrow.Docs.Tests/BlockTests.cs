using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace OnnxGrow.Docs.Tests;

/// <summary>The shell commands of the documentation.</summary>
public partial class BlockTests
{
    [Fact]
    public void Every_call_is_one_that_the_commands_accept()
    {
        (string Call, ShellBlock Block)[] calls = [.. ShellBlock.Pages.SelectMany(ShellBlock.Of).SelectMany(b => b.Calls.Select(c => (c, b)))];
        Assert.True(calls.Length > 40, $"{calls.Length} calls");
        Assert.All(calls, c => CommandTree.Accepts(c.Call, $"{c.Block.File}:{c.Block.Line}"));
    }

    [Fact]
    public void What_is_not_run_says_why() =>
        Assert.All(ShellBlock.Pages.SelectMany(ShellBlock.Of).Where(b => b.NotRun is not null), b => Assert.True(b.NotRun!.Length > 5, $"{b.File}:{b.Line}"));

    [NeedsProgram("sh")]
    public void The_readme_does_what_it_says() => Runs("README.md").Dispose();

    [NeedsProgram("sh")]
    public void The_tutorial_does_what_it_says()
    {
        using Installed installed = Runs("docs/tutorial.md");
        Assert.True(File.Exists(Path.Combine(installed.Folder, "trained.onnx")));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(installed.Folder, "models", "gpt2-mini-op17.onnx")),
            File.ReadAllBytes(Path.Combine(installed.Folder, "small-again.onnx")));
    }

    [NeedsProgram("sh")]
    public void A_block_that_fails_is_noticed()
    {
        using var installed = new Installed();
        Assert.NotEqual(0, installed.Run("sh", "onnxgrow inspect models/no-such-model.onnx\necho on\n").Exit);
    }

    private static Installed Runs(string page)
    {
        var installed = new Installed();
        ShellBlock[] blocks = [.. ShellBlock.Of(page).Where(b => b.NotRun is null)];
        Assert.NotEmpty(blocks);
        var printed = new StringBuilder();
        foreach (ShellBlock block in blocks)
        {
            (int exit, string output) = installed.Run("sh", block.Text);
            Assert.True(exit == 0, $"{page}:{block.Line}: exit code {exit}\n{output}");
            printed.Append(output.ReplaceLineEndings("\n"));
        }

        // Errors of a run differ between machines; all else that the page shows of what is printed is printed.
        Assert.All(
            ShellBlock.Shown(page).Where(line => !ErrorOfARun().IsMatch(line)),
            line => Assert.True(printed.ToString().Contains(line + "\n", StringComparison.Ordinal), $"{page} shows what is not printed: {line}"));

        return installed;
    }

    [GeneratedRegex(@"\de-\d")]
    private static partial Regex ErrorOfARun();
}
