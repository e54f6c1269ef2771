using System.Diagnostics;
using System.Text.Json.Nodes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>
/// What the commands write is what the schemas in docs/schemas say, to the key: a new one without a change of its schema fails
/// here. ajv does the checking.
/// </summary>
public sealed class JsonSchemaTests : IDisposable
{
    private readonly CommandLine _cli = new();
    private readonly List<string> _checked = [];

    private static string Schemas => Path.Combine(Repository.Root, "docs", "schemas");

    private static string Tools => Path.Combine(Repository.Root, "tests", "OnnxGrow.Cli.Tests", "Schemas");

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    private static string Bert => Repository.Model("bert-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    private static (int Exit, string Output) Node(params string[] args)
    {
        var start = new ProcessStartInfo("node", args) { WorkingDirectory = Tools, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static (int Exit, string Output) Validate(IEnumerable<string> pairs)
    {
        (int exit, string output) = Node(Path.Combine(Repository.Root, "src", "OnnxRuntime", "restore.mjs"), Tools);
        Assert.True(exit == 0, "ajv could not be restored from npm: " + output);
        return Node(["validate.mjs", Schemas, .. pairs]);
    }

    /// <summary>Runs a command that prints JSON, and keeps it as a file to be checked.</summary>
    private void Printed(string schema, int exit, params string[] args)
    {
        CommandLine.Result run = _cli.Run(args);
        Assert.True(run.Exit == exit, $"{string.Join(' ', args)}: {run.Exit} {run.Error}");
        string file = _cli.PathOf($"{_checked.Count}.json");
        File.WriteAllText(file, run.Output);
        _checked.AddRange([schema, file]);
    }

    private void Valid()
    {
        (int exit, string output) = Validate(_checked);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void Every_command_writes_what_its_schema_says()
    {
        Printed("inspect-1.json", 0, "inspect", Bert, "--json");
        Printed("inspect-1.json", 0, "inspect", Repository.Model("gpt2-mini-op17.onnx"), "--json");
        Printed("explain-1.json", 0, "explain", Gpt, "transformer.h.0.attn.c_attn.weight", "--json");
        Printed("explain-1.json", 0, "explain", Gpt, "transformer.h.0.attn.c_attn.weight", "--json", "--hidden", "64");
        Printed("explain-1.json", 3, "explain", Bert, "bert.embeddings.LayerNorm.weight", "--json", "--hidden", "64");
        Printed("grow-1.json", 0, "grow", Gpt, "--hidden", "96", "--layers", "4", "--dry-run", "--json", "-");

        SafetensorsFile.Write(
            _cli.PathOf("adam.safetensors"),
            [new NamedTensor("transformer.ln_f.bias/exp_avg", [48], MemoryTensorData.From([.. Enumerable.Range(0, 48).Select(i => (float)i)]))],
            new Dictionary<string, string> { ["step"] = "100" });
        Printed("grow-1.json", 0, "grow", Gpt, "--hidden", "96", "--state", "adam.safetensors", "--check-trainable", "--save-plan", "plan.json", "--report", "g.html", "-o", "g.onnx", "--json", "-");
        _checked.AddRange(["plan-1.json", _cli.PathOf("plan.json")]);
        Printed("grow-1.json", 0, "grow", Gpt, "--hidden", "96", "--no-verify", "-o", "u.onnx", "--json", "-");
        Printed("grow-1.json", 0, "grow", Gpt, "--hidden", "96", "--method", "random", "-o", "r.onnx", "--json", "-");
        Printed("verify-1.json", 0, "verify", Gpt, "g.onnx", "--layers", "--json", "-");
        Printed("verify-1.json", 1, "verify", Gpt, "r.onnx", "--layers", "--json", "-");
        Printed("verify-1.json", 1, "verify", Gpt, Bert, "--json", "-");
        Printed("verify-1.json", 0, "verify", Gpt, "g.onnx", "--proof", "certificate", "--json", "-");
        Printed("diff-1.json", 0, "diff", Gpt, "g.onnx", "--json");
        Printed("diff-1.json", 0, "diff", Gpt, Bert, "--json");
        Printed("shrink-1.json", 0, "shrink", "g.onnx", "-o", "s.onnx", "--json", "-");
        Printed("shrink-1.json", 0, "shrink", "u.onnx", "-o", "t.onnx", "--no-verify", "--json", "-");
        ModelFile.AddToEntry(_cli.PathOf("g.onnx"), "transformer.ln_f.bias");
        Printed("verify-1.json", 1, "verify", Gpt, "g.onnx", "--json", "-");
        Printed("shrink-1.json", 1, "shrink", "g.onnx", "-o", "c.onnx", "--json", "-");
        Printed("trainable-1.json", 0, "check-trainable", Gpt, "--json", "-");
        Assert.Equal(0, _cli.Run("export", Gpt, "--to", "npz", "-o", "w.npz").Exit);
        _checked.AddRange(["weights-1.json", _cli.PathOf("w.npz.json")]);

        File.WriteAllText(_cli.PathOf("text.txt"), string.Concat(Enumerable.Range(0, 100).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        File.WriteAllText(_cli.PathOf("recipe.yaml"), """
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 16, batch: 2, validation: 0.1, seed: 3}
            loss: {kind: causal-lm}
            steps: 2
            threads: 1
            learn: {steps: 2}
            """);
        Printed("learn-1.json", 0, "learn", Gpt, "--recipe", "recipe.yaml", "--hidden", "96", "--project", "-o", "l.onnx", "--json", "-");
        _checked.AddRange(["run-1.json", _cli.PathOf("l.onnx.run.json")]);
        Valid();

        // All of them were tried, and each says what it is.
        Assert.Equal(
            Directory.EnumerateFiles(Schemas).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal),
            _checked.Where((_, i) => i % 2 == 0).Distinct().Order(StringComparer.Ordinal));
        foreach (string[] pair in _checked.Chunk(2).Where(p => p[0] is not ("plan-1.json" or "run-1.json")))
        {
            Assert.Equal($"onnxgrow.{pair[0].Replace("-1.json", "/1", StringComparison.Ordinal)}", (string?)JsonNode.Parse(File.ReadAllText(pair[1]))!["schema"]);
        }
    }

    [Fact]
    public void A_key_more_or_less_or_of_another_type_is_caught()
    {
        string json = _cli.Run("inspect", Gpt, "--json").Output;
        void Caught(string says, Action<JsonObject> change)
        {
            JsonObject node = JsonNode.Parse(json)!.AsObject();
            change(node);
            File.WriteAllText(_cli.PathOf("changed.json"), node.ToJsonString());
            (int exit, string output) = Validate(["inspect-1.json", _cli.PathOf("changed.json")]);
            Assert.Equal(1, exit);
            Assert.Contains(says, output, StringComparison.Ordinal);
        }

        Caught("\"additionalProperty\":\"extra\"", n => n["extra"] = 1);
        Caught("/dimensions/0 must NOT have additional properties", n => n["dimensions"]![0]!["extra"] = 1);
        Caught("must have required property 'opset'", n => n.Remove("opset"));
        Caught("/nodes must be integer", n => n["nodes"] = "many");
        Caught("/schema must be equal to constant", n => n["schema"] = "onnxgrow.inspect/2");
    }
}
