using System.Text.Json.Nodes;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class InspectTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Shows_what_the_model_is_and_how_it_grows()
    {
        CommandLine.Result run = _cli.Run("inspect", Repository.Model("bert-mini-op12.onnx"));
        Assert.Equal(0, run.Exit);
        Assert.Contains("encoder (full attention) on token ids, Post-LayerNorm, output layer tied to the token table", run.Output, StringComparison.Ordinal);
        Assert.Contains("to multiples of 48", run.Output, StringComparison.Ordinal);
        Assert.Matches("vocabulary +500 +to any size \\(B0, bit-exact\\) +bert.embeddings.word_embeddings.weight\\[0\\]", run.Output);
    }

    [Fact]
    public void Json_holds_the_same()
    {
        CommandLine.Result run = _cli.Run("inspect", Repository.Model("gpt2-mini-op17.onnx"), "--json");
        Assert.Equal(0, run.Exit);
        JsonNode json = JsonNode.Parse(run.Output)!;
        Assert.Equal("onnxgrow.inspect/1", (string?)json["schema"]);
        JsonNode hidden = json["dimensions"]!.AsArray().Single(d => (string?)d!["name"] == "hidden")!;
        Assert.Equal(48, (int)hidden["size"]!);
        Assert.True((bool)hidden["any_size"]!);
        Assert.Equal("ExactWeights", (string?)hidden["class_multiples"]);
        Assert.Equal("Rounded", (string?)hidden["class_others"]);
        Assert.Equal(3, json["layers"]!.AsArray().Count);
        Assert.Equal(7, json["norms"]!.AsArray().Count);
    }

    [Fact]
    public void Names_from_a_file_cannot_write_to_the_terminal()
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", OnnxGrow.Onnx.ElementType.Float32, "batch", 4);
        g.Output(g.Node("MatMul", [g.Node("Relu", [g.Node("MatMul", [x, g.Weight("\u001b[31mred", 1, 0, 4, 6)])]), g.Weight("w", 1, 0, 6, 4)]), "y", OnnxGrow.Onnx.ElementType.Float32, "batch", 4);
        File.WriteAllBytes(_cli.PathOf("evil.onnx"), Google.Protobuf.MessageExtensions.ToByteArray(g.Finish()));
        CommandLine.Result run = _cli.Run("inspect", "evil.onnx", "--all");
        Assert.Equal(0, run.Exit);
        Assert.DoesNotContain("\u001b", run.Output, StringComparison.Ordinal);
        Assert.Contains("\\u001b[31mred", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_has_examples()
    {
        foreach (string command in new[] { "inspect", "grow", "verify", "shrink" })
        {
            CommandLine.Result run = _cli.Run(command, "--help");
            Assert.Equal(0, run.Exit);
            Assert.Contains("Example", run.Output, StringComparison.Ordinal);
        }

        Assert.Equal(0, _cli.Run("--help").Exit);
        Assert.Equal(0, _cli.Run().Exit);
        Assert.Equal(2, _cli.Run("frobnicate").Exit);
        Assert.Equal(2, _cli.Run("grow").Exit);
    }
}
