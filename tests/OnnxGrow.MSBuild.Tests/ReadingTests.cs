using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>What the step reads of files and of the command's words.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("onnxgrow: error OG3001: hidden 48 -> 64: no", false, "OG3001", "hidden 48 -> 64: no")]
    [InlineData("onnxgrow: warning OG1234: it holds only so", true, "OG1234", "it holds only so")]
    [InlineData("onnxgrow: error: why", false, null, "why")]
    [InlineData("onnxgrow: hidden 48 -> 64: error OG1: x", false, null, "hidden 48 -> 64: error OG1: x")]
    public void A_line_of_the_command_is_taken_apart(string line, bool warning, string? code, string text) =>
        Assert.Equal(new CommandSays(warning, code, text), CommandSays.Read(line));

    [Theory]
    [InlineData("class B1, exact weights")]
    [InlineData("  onnxgrow: error OG3001: indented")]
    public void Other_lines_are_none(string line) => Assert.Null(CommandSays.Read(line));

    [Fact]
    public void Exit_codes_have_a_family_each() =>
        Assert.Equal(["OG1000", "OG2000", "OG3000", "OG4000", "OG5000", "OG7001", "OG0107"], new[] { 1, 2, 3, 4, 5, 70, 137 }.Select(CommandSays.Family));

    [Fact]
    public void Models_of_this_repository_have_their_weights_in_themselves_and_were_not_grown() =>
        Assert.All(Repository.AllModels.Take(20), path =>
        {
            ModelFile model = ModelFile.Read(path);
            Assert.Empty(model.DataFiles);
            Assert.False(model.IsGrown);
        });

    [Fact]
    public void Of_what_is_no_model_nothing_is_known()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(Repository.Model("gpt2-mini-op17.onnx"));
        File.WriteAllBytes(folder.File("cut.onnx"), whole[..(whole.Length / 2)]);
        File.WriteAllBytes(folder.File("noise.onnx"), [.. Enumerable.Repeat((byte)0xFF, 1000)]);
        foreach (string name in (string[])["cut.onnx", "noise.onnx", "absent.onnx"])
        {
            ModelFile model = ModelFile.Read(folder.File(name));
            Assert.Empty(model.DataFiles);
            Assert.False(model.IsGrown);
        }
    }

    [Theory]
    [InlineData("""{"verdict":"equivalent (class B1)","report":{"summary":"equivalent: the certificate holds; not run in float64 (too large)"}}""", false, "OG0151")]
    [InlineData("""{"verdict":"equivalent (class B1)","report":{"summary":"equivalent: the certificate holds; not run in float64 (--proof certificate)"}}""", true, null)]
    [InlineData("""{"verdict":"equivalent (class B1)","report":{"summary":"equivalent: all of it"}}""", false, null)]
    [InlineData("""{"verdict":"lossy by design (stack)","report":null}""", false, "OG0152")]
    [InlineData("""{"verdict":"not verified","report":null}""", true, "OG0153")]
    [InlineData("""no JSON""", false, null)]
    public void A_verdict_that_holds_with_conditions_has_a_code(string json, bool asksForLess, string? code)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("r.json"), json);
        Assert.Equal(code, GrowthRecord.Read(folder.File("r.json")).Condition(asksForLess)?.Code);
    }

    [Fact]
    public void The_tool_is_told_by_what_it_is_made_of_and_not_by_its_time()
    {
        using var folder = new TemporaryFolder();
        string source = Path.GetDirectoryName(Built.Tool)!;
        foreach (string file in (string[])[Built.Tool, Path.Combine(source, "OnnxGrow.Core.dll")])
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        string tool = folder.File("onnxgrow.dll");
        string before = Tool.Identity(tool);
        File.SetLastWriteTimeUtc(tool, DateTime.UtcNow.AddDays(1));
        Assert.Equal(before, Tool.Identity(tool));
        File.Copy(Path.Combine(source, "OnnxGrow.Runtime.dll"), folder.File("OnnxGrow.Runtime.dll"));
        Assert.NotEqual(before, Tool.Identity(tool));
    }
}
