using System.Text.Json.Nodes;
using Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class GrowTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Grows_proves_and_writes_one_file()
    {
        CommandLine.Result run = _cli.Run("grow", Repository.Model("vit-mini-qkv-op17.onnx"), "--hidden", "96", "--layers", "4", "-o", "grown.onnx", "--json", "report.json");
        Assert.Equal(0, run.Exit);
        Assert.Equal(["grown.onnx", "report.json"], _cli.Files);
        Assert.Contains("equivalent", run.Output, StringComparison.Ordinal);
        JsonNode report = JsonNode.Parse(File.ReadAllText(_cli.PathOf("report.json")))!;
        Assert.Equal("onnxgrow.grow/1", (string?)report["schema"]);
        Assert.Equal("Equivalent", (string?)report["report"]!["verdict"]);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("grown.onnx")));
        var metadata = model.MetadataProps.ToDictionary(p => p.Key, p => p.Value);
        Assert.StartsWith("OnnxGrow ", metadata["onnxgrow.tool"], StringComparison.Ordinal);
        Assert.StartsWith("equivalent", metadata["onnxgrow.verdict"], StringComparison.Ordinal);
        Assert.Equal(64, metadata["onnxgrow.source_sha256"].Length);
        Assert.Contains("\"hidden\": 96", metadata["onnxgrow.plan"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_writes_nothing_and_shows_every_tensor()
    {
        CommandLine.Result run = _cli.Run("grow", Gpt, "--hidden", "64", "--dry-run");
        Assert.Equal(0, run.Exit);
        Assert.Empty(_cli.Files);
        Assert.Contains("transformer.wte.weight", run.Output, StringComparison.Ordinal);
        Assert.Contains("[500, 48]", run.Output, StringComparison.Ordinal);
        Assert.Contains("[500, 64]", run.Output, StringComparison.Ordinal);
        Assert.Contains("R, rounded weights", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_plan_gives_the_same_bytes_again()
    {
        Assert.Equal(0, _cli.Run("grow", Gpt, "--heads", "5", "--at", "1", "--seed", "9", "--no-verify", "-o", "a.onnx", "--save-plan", "plan.json").Exit);
        Assert.Equal(0, _cli.Run("grow", Gpt, "--plan", "plan.json", "--no-verify", "-o", "b.onnx").Exit);
        Assert.Equal(File.ReadAllBytes(_cli.PathOf("a.onnx")), File.ReadAllBytes(_cli.PathOf("b.onnx")));
        string verdict = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("a.onnx"))).MetadataProps.Single(p => p.Key == "onnxgrow.verdict").Value;
        Assert.Equal("not verified", verdict);
    }

    [Fact]
    public void A_lossy_method_says_so()
    {
        CommandLine.Result run = _cli.Run("grow", Gpt, "--hidden", "96", "--method", "random", "-o", "r.onnx");
        Assert.Equal(0, run.Exit);
        Assert.Contains("L, lossy", run.Output, StringComparison.Ordinal);
        Assert.Contains("lossy by design (random)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_fails_its_proof_is_not_left_behind()
    {
        // No float32 run agrees to 0, and nothing must be left, not even the file that was there before being replaced.
        File.WriteAllText(_cli.PathOf("out.onnx"), "older");
        CommandLine.Result run = _cli.Run("grow", Gpt, "--hidden", "64", "--tolerance", "0", "--force", "-o", "out.onnx");
        Assert.Equal(1, run.Exit);
        Assert.Equal(["out.onnx"], _cli.Files);
        Assert.Equal("older", File.ReadAllText(_cli.PathOf("out.onnx")));
        Assert.Contains("NOT written", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "--hidden 72", "nearest: 64, 80")]
    [InlineData(3, "--hidden 40", "give 48 or more")]
    [InlineData(3, "--layers 2", "give 3 or more")]
    [InlineData(3, "--at 7", "layers are 0 to 2")]
    [InlineData(2, "--ffn big", "--ffn big: give a width")]
    [InlineData(2, "--at 1,x", "numbers from 0")]
    [InlineData(2, "--method magic", "net2net, random and stack")]
    [InlineData(2, "--hidden 96 --init gone.onnx", "gone.onnx")]
    [InlineData(2, "--hidden 96 --noise-db 10", "hypercloning does")]
    [InlineData(2, "--layers 6 --method stack --depth stack", "leave --depth out")]
    [InlineData(3, "--hidden 64 --method hypercloning", "nearest: 48, 96")]
    [InlineData(2, "--depth sideways", "'interpolate' or 'stack'")]
    [InlineData(2, "--provider tpu --hidden 96", "give cpu or cuda")]
    [InlineData(2, "--plan missing.yaml", "no such file")]
    [InlineData(2, "--hidden many", "many")]
    [InlineData(2, "--widht 96", "--widht")]
    [InlineData(2, "", "nothing to grow was asked for")]
    public void What_cannot_be_is_one_line_and_writes_nothing(int exit, string options, string says)
    {
        CommandLine.Result run = _cli.Run(["grow", Gpt, "-o", "out.onnx", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(exit, run.Exit);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.StartsWith($"onnxgrow: error OG{exit}", run.Error, StringComparison.Ordinal);
        Assert.True(run.Error.TrimEnd().Split('\n').Length <= 2, run.Error);
        Assert.Empty(_cli.Files);
    }

    [Fact]
    public void Files_that_are_no_models_are_refused()
    {
        File.WriteAllText(_cli.PathOf("text.onnx"), "this is not a model, but some text that is long enough to be one");
        File.WriteAllBytes(_cli.PathOf("empty.onnx"), []);
        File.WriteAllBytes(_cli.PathOf("cut.onnx"), File.ReadAllBytes(Gpt)[..100_000]);
        string[] before = _cli.Files;
        foreach (string file in new[] { "text.onnx", "empty.onnx", "cut.onnx", "missing.onnx", "." })
        {
            CommandLine.Result run = _cli.Run("grow", file, "--hidden", "96", "-o", "out.onnx");
            Assert.True(run.Exit == 2, $"{file}: {run.Exit} {run.Error}");
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }

        Assert.Equal(before, _cli.Files);
    }

    [Fact]
    public void A_model_without_a_transformer_is_refused()
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", OnnxGrow.Onnx.ElementType.Float32, "batch", 4);
        g.Output(g.Node("Relu", [x]), "y", OnnxGrow.Onnx.ElementType.Float32, "batch", 4);
        File.WriteAllBytes(_cli.PathOf("relu.onnx"), Google.Protobuf.MessageExtensions.ToByteArray(g.Finish()));
        CommandLine.Result run = _cli.Run("grow", "relu.onnx", "--hidden", "96", "-o", "out.onnx");
        Assert.Equal(3, run.Exit);
        Assert.Contains("no residual width was found", run.Error, StringComparison.Ordinal);
        Assert.Equal(["relu.onnx"], _cli.Files);
    }

    [Fact]
    public void The_source_and_existing_files_are_safe()
    {
        File.Copy(Gpt, _cli.PathOf("model.onnx"));
        byte[] before = File.ReadAllBytes(Gpt);
        CommandLine.Result same = _cli.Run("grow", "model.onnx", "--heads", "4", "-o", "./model.onnx", "--force");
        Assert.Equal(2, same.Exit);
        Assert.Contains("that is the source", same.Error, StringComparison.Ordinal);
        File.WriteAllText(_cli.PathOf("there.onnx"), "x");
        Assert.Contains("--force", _cli.Run("grow", "model.onnx", "--heads", "4", "-o", "there.onnx").Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", _cli.Run("grow", "model.onnx", "--heads", "4", "-o", "no/such/folder.onnx").Error, StringComparison.Ordinal);
        Assert.Contains("folder", _cli.Run("grow", "model.onnx", "--heads", "4", "-o", _cli.Folder).Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_cli.PathOf("model.onnx")));
        Assert.Equal("x", File.ReadAllText(_cli.PathOf("there.onnx")));
    }

    [Fact]
    public void A_plan_of_another_source_is_refused()
    {
        Assert.Equal(0, _cli.Run("grow", Gpt, "--heads", "4", "--dry-run", "--save-plan", "plan.json").Exit);
        CommandLine.Result run = _cli.Run("grow", Repository.Model("gpt2-mini-op12.onnx"), "--plan", "plan.json", "-o", "out.onnx");
        Assert.Equal(2, run.Exit);
        Assert.Contains("made for another source", run.Error, StringComparison.Ordinal);
    }
}
