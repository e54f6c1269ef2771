using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using OnnxGrow.TestSupport;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace OnnxGrow.Cli.Tests;

/// <summary>The CI check in tools/action: the script, run as a CI system runs it, and the action around it.</summary>
public sealed partial class ActionTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Action => Path.Combine(Repository.Root, "tools", "action");

    private static string Vit => Repository.Model("vit-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [GeneratedRegex(@"\$\{\{\s*(.*?)\s*\}\}")]
    private static partial Regex Expression { get; }

    /// <summary>Runs the script with the built command; outputs and step summary go where GitHub has them.</summary>
    private (int Exit, string Text, string Outputs, string Summary) Script(params (string Name, string Value)[] variables)
    {
        string command = _cli.PathOf("the command");
        File.WriteAllText(command, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll")}' \"$@\"\n");
        Assert.Equal(0, Shell.Run(_cli.Folder, "chmod +x 'the command'"));
        File.WriteAllText(_cli.PathOf("outputs"), "");
        File.WriteAllText(_cli.PathOf("step"), "of another step\n");
        var start = new ProcessStartInfo("/bin/sh", [Path.Combine(Action, "verify.sh")])
        {
            WorkingDirectory = _cli.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in ((string, string)[])[("ONNXGROW_COMMAND", command), ("GITHUB_OUTPUT", "outputs"), ("GITHUB_STEP_SUMMARY", "step"), .. variables])
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result, File.ReadAllText(_cli.PathOf("outputs")), File.ReadAllText(_cli.PathOf("step")));
    }

    private string[] Reports(string folder) =>
        [.. Directory.EnumerateFiles(_cli.PathOf(folder)).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_script_grows_compares_and_tells_a_changed_model()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // With something to grow: grown, proved, and left in the report folder, whose name is one that a shell would split.
        string folder = "its \"reports\" $(touch owned)";
        var grown = Script(("ONNXGROW_SOURCE", Vit), ("ONNXGROW_HEADS", "5"), ("ONNXGROW_REPORT", folder));
        Assert.True(grown.Exit == 0, grown.Text);
        Assert.Equal(["grown.onnx", "onnxgrow.json", "onnxgrow.sarif", "onnxgrow.xml", "report.html", "summary.md"], Reports(folder));
        Assert.StartsWith($"verdict=equivalent\nexit-code=0\nreport={folder}/report.html\njunit={folder}/onnxgrow.xml\nsarif={folder}/onnxgrow.sarif\n", grown.Outputs, StringComparison.Ordinal);
        Assert.StartsWith("of another step\n## ✅ onnxgrow grow: equivalent\n", grown.Summary, StringComparison.Ordinal);

        string model = Path.Combine(_cli.PathOf(folder), "grown.onnx");
        File.Move(model, _cli.PathOf("-grown.onnx"));
        var same = Script(("ONNXGROW_SOURCE", Vit), ("ONNXGROW_GROWN", "-grown.onnx"), ("ONNXGROW_PROOF", "certificate"));
        Assert.True(same.Exit == 0, same.Text);
        Assert.Equal(["onnxgrow.json", "onnxgrow.sarif", "onnxgrow.xml", "report.html", "summary.md"], Reports("onnxgrow-report"));

        ModelFile.AddToEntry(_cli.PathOf("-grown.onnx"), "vit.encoder.layer.1.output.dense.bias");
        var changed = Script(("ONNXGROW_SOURCE", Vit), ("ONNXGROW_GROWN", "-grown.onnx"), ("ONNXGROW_TOLERANCE", "1e-4"));
        Assert.Equal(1, changed.Exit);
        Assert.StartsWith("verdict=not-equivalent\nexit-code=1\n", changed.Outputs, StringComparison.Ordinal);
        Assert.Contains("❌ onnxgrow verify: not equivalent", changed.Summary, StringComparison.Ordinal);
        Assert.Equal("4", XDocument.Load(_cli.PathOf("onnxgrow-report/onnxgrow.xml")).Root!.Attribute("failures")!.Value);
        Assert.DoesNotContain("owned", _cli.Files);
    }

    [Fact]
    public void The_script_says_what_it_cannot_use()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var missing = Script(("ONNXGROW_SOURCE", "@no.onnx"), ("ONNXGROW_GROWN", Vit));
        Assert.Equal(2, missing.Exit);
        Assert.StartsWith("verdict=error\nexit-code=2\njunit=", missing.Outputs, StringComparison.Ordinal);
        Assert.Contains("there is no such file", missing.Text, StringComparison.Ordinal);
        Assert.Contains("there is no such file", missing.Summary, StringComparison.Ordinal);
        Assert.Equal(["onnxgrow.sarif", "onnxgrow.xml", "summary.md"], Reports("onnxgrow-report"));

        // An option that the command does not take leaves no report of the command's own; the summary says it all the same.
        var option = Script(("ONNXGROW_SOURCE", Vit), ("ONNXGROW_GROWN", Vit), ("ONNXGROW_TOLERANCE", "*much* `more`"));
        Assert.Equal(2, option.Exit);
        Assert.Contains("    onnxgrow: ", option.Summary, StringComparison.Ordinal);

        var nothing = Script(("ONNXGROW_SOURCE", Vit));
        Assert.Equal(2, nothing.Exit);
        Assert.Contains("nothing to compare with", nothing.Text, StringComparison.Ordinal);
        var line = Script(("ONNXGROW_SOURCE", Vit), ("ONNXGROW_GROWN", Vit), ("ONNXGROW_REPORT", "a\nverdict=equivalent"));
        Assert.Equal(2, line.Exit);
        Assert.Equal("verdict=error\nexit-code=2\n", line.Outputs);
    }

    [Fact]
    public void The_action_hands_its_inputs_over_through_the_environment_only()
    {
        string text = File.ReadAllText(Path.Combine(Action, "action.yml"));
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        Dictionary<string, YamlNode> inputs = Mapping(root["inputs"]);
        var runs = (YamlMappingNode)root["runs"];
        Assert.Equal("composite", (string?)runs["using"]);
        var used = new List<string>();
        string script = File.ReadAllText(Path.Combine(Action, "verify.sh"));
        string readme = File.ReadAllText(Path.Combine(Action, "README.md"));
        foreach (YamlNode step in (YamlSequenceNode)runs["steps"])
        {
            foreach ((string key, YamlNode value) in Mapping(step).Where(p => p.Key != "env"))
            {
                Assert.DoesNotContain("${{", value.ToString(), StringComparison.Ordinal);
            }

            foreach ((string variable, YamlNode value) in Mapping(step["env"]))
            {
                Match match = Expression.Match(value.ToString());
                Assert.True(match.Success && match.Value == value.ToString(), $"{variable}: {value}");
                used.Add(match.Groups[1].Value);
                Assert.Contains($"${{{variable}:", script, StringComparison.Ordinal);
            }
        }

        Assert.Equal(inputs.Keys.Select(i => "inputs." + i).Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        Assert.All(inputs, i => Assert.NotEmpty((string)i.Value["description"]!));
        Assert.All(inputs.Keys, i => Assert.Contains($"`{i}`", readme, StringComparison.Ordinal));
        Dictionary<string, YamlNode> outputs = Mapping(root["outputs"]);
        Assert.All(outputs, o => Assert.Equal($"${{{{ steps.verify.outputs.{o.Key} }}}}", (string?)o.Value["value"]));
        Assert.All(outputs.Keys, o => Assert.Contains($"{o}=", script, StringComparison.Ordinal));
        Assert.All(outputs.Keys, o => Assert.Contains($"| `{o}` |", readme, StringComparison.Ordinal));
    }

    private static Dictionary<string, YamlNode> Mapping(YamlNode node) => ((YamlMappingNode)node).Children.ToDictionary(c => (string)c.Key!, c => c.Value);
}
