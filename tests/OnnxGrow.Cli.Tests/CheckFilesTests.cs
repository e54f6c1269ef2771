using System.Text.Json.Nodes;
using System.Xml.Linq;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>The reports for CI systems that <c>verify</c> and <c>grow</c> write.</summary>
public sealed class CheckFilesTests : IDisposable
{
    private const string Bias = "vit.encoder.layer.1.output.dense.bias";

    private static readonly string[] Options = ["--junit", "c.xml", "--sarif", "c.sarif", "--summary", "c.md"];

    private readonly CommandLine _cli = new();

    private static string Vit => Repository.Model("vit-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    private XElement Suite => XDocument.Load(_cli.PathOf("c.xml")).Root!.Element("testsuite")!;

    private JsonNode Sarif => JsonNode.Parse(File.ReadAllText(_cli.PathOf("c.sarif")))!["runs"]![0]!;

    private string Summary => File.ReadAllText(_cli.PathOf("c.md"));

    private string Counts => string.Join(' ', new[] { "tests", "failures", "errors", "skipped" }.Select(n => Suite.Attribute(n)!.Value));

    [Fact]
    public void A_growth_that_is_proved_passes_everywhere_and_one_that_was_changed_fails()
    {
        string[] grow = ["grow", Vit, "--heads", "5", "-o", "grown.onnx", .. Options];
        Assert.Equal(0, _cli.Run(grow).Exit);
        Assert.Equal("5 0 0 0", Counts);
        Assert.Equal("grow", Suite.Elements("testcase").First().Attribute("classname")!.Value.Split('.')[1]);
        Assert.Empty(Sarif["results"]!.AsArray());
        Assert.True((bool)Sarif["invocations"]![0]!["executionSuccessful"]!);
        Assert.StartsWith("## ✅ onnxgrow grow: equivalent\n", Summary, StringComparison.Ordinal);

        // As with --report, what is there is replaced by force only; the summary is added to.
        CommandLine.Result again = _cli.Run(["grow", Vit, "--heads", "5", "-o", "other.onnx", .. Options]);
        Assert.Equal(2, again.Exit);
        Assert.Contains("--junit c.xml: it is there already", again.Error, StringComparison.Ordinal);

        ModelFile.AddToEntry(_cli.PathOf("grown.onnx"), Bias);
        CommandLine.Result run = _cli.Run(["verify", Vit, "grown.onnx", .. Options]);
        Assert.True(run.Exit == 1, run.Error);
        Assert.Equal("5 4 0 0", Counts);
        XElement weight = Suite.Elements("testcase").Single(c => c.Attribute("name")!.Value == $"certificate: {Bias}");
        Assert.Equal("weight-differs", weight.Element("failure")!.Attribute("type")!.Value);
        Assert.Contains("entry [3] is off by", weight.Element("failure")!.Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.Contains("onnxgrow verify", weight.Element("failure")!.Value, StringComparison.Ordinal);
        JsonArray results = Sarif["results"]!.AsArray();
        Assert.Equal(["weight-differs", "float64-differs", "output-differs"], results.Select(r => (string?)r!["ruleId"]));
        JsonNode location = results[0]!["locations"]![0]!;
        Assert.Equal("grown.onnx", (string?)location["physicalLocation"]!["artifactLocation"]!["uri"]);
        Assert.Equal(Bias, (string?)location["logicalLocations"]![0]!["name"]);
        Assert.All(results, r => Assert.Equal((string?)r!["ruleId"], (string?)Sarif["tool"]!["driver"]!["rules"]![(int)r["ruleIndex"]!]!["id"]));
        string[] parts = Summary.Split("## ", StringSplitOptions.None);
        Assert.StartsWith("✅ onnxgrow grow", parts[1], StringComparison.Ordinal);
        Assert.StartsWith("❌ onnxgrow verify: not equivalent\n", parts[2], StringComparison.Ordinal);
        Assert.Contains($"| FAILED | certificate: {Bias.Replace("_", "\\_", StringComparison.Ordinal)} |", Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_verified_is_an_error_and_what_was_not_run_is_skipped()
    {
        Assert.Equal(0, _cli.Run(["verify", Repository.Model("vit-mini-op12.onnx"), Vit, .. Options]).Exit);
        Assert.Equal("5 0 0 1", Counts);
        Assert.Contains("not grown by OnnxGrow", Suite.Descendants("skipped").Single().Attribute("message")!.Value, StringComparison.Ordinal);

        // No certificate, and nothing else is asked for.
        CommandLine.Result run = _cli.Run(["verify", Vit, Vit, "--proof", "certificate", .. Options]);
        Assert.True(run.Exit == 4, run.Error);
        Assert.Equal("3 0 1 1", Counts);
        Assert.Equal("not-proved", (string?)Assert.Single(Sarif["results"]!.AsArray())!["ruleId"]);
        Assert.False((bool)Sarif["invocations"]![0]!["executionSuccessful"]!);
        Assert.Contains("## ⚠️ onnxgrow verify: not verified\n", Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_in_all_of_them()
    {
        CommandLine.Result run = _cli.Run(["verify", "no.onnx", Vit, .. Options]);
        Assert.Equal(2, run.Exit);
        Assert.Equal("1 0 1 0", Counts);
        Assert.Contains("there is no such file", Suite.Descendants("error").Single().Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.Empty(Sarif["results"]!.AsArray());
        JsonNode invocation = Sarif["invocations"]![0]!;
        Assert.Equal(2, (int)invocation["exitCode"]!);
        Assert.Contains("there is no such file", (string?)invocation["toolExecutionNotifications"]![0]!["message"]!["text"], StringComparison.Ordinal);
        Assert.Contains("there is no such file", Summary, StringComparison.Ordinal);

        // A growth that is refused as well, with its exit code.
        Assert.Equal(3, _cli.Run(["grow", Repository.Model("bert-mini-op17.onnx"), "--hidden", "64", "-o", "g.onnx", "--force", .. Options]).Exit);
        Assert.Contains("not lossless", Suite.Descendants("error").Single().Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.Equal(["c.md", "c.sarif", "c.xml"], _cli.Files);
    }

    [Theory]
    [InlineData("--junit", "-", "goes to a file")]
    [InlineData("--sarif", "no/c.sarif", "is not there; make it first")]
    [InlineData("--summary", "MODEL", "which the command also reads or writes")]
    [InlineData("--sarif", "c.xml", "which the command also reads or writes")]
    public void Places_are_checked_before_any_work(string option, string path, string says)
    {
        string[] junit = option == "--junit" ? [] : ["--junit", "c.xml"];
        CommandLine.Result run = _cli.Run(["verify", Vit, Vit, .. junit, option, path == "MODEL" ? Vit : path]);
        Assert.Equal(2, run.Exit);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Files);
    }

    [Theory]
    [InlineData("--dry-run")]
    [InlineData("--no-verify")]
    public void Nothing_proved_is_nothing_to_report(string option)
    {
        CommandLine.Result run = _cli.Run("grow", Vit, "--heads", "5", "-o", "g.onnx", option, "--sarif", "c.sarif");
        Assert.Equal(2, run.Exit);
        Assert.Contains($"--sarif reports what was proved, and with {option} nothing is", run.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Files);
    }
}
