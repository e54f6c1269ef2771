using System.Text.Json.Nodes;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class ExplainTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Shows_axes_chains_and_growth()
    {
        CommandLine.Result run = _cli.Run("explain", Gpt, "transformer.h.0.mlp.c_fc.weight", "--hidden", "64", "--seed", "3");
        Assert.Equal(0, run.Exit);
        Assert.Contains("weight, float32 [48, 192] = [hidden, ffn.0]", run.Output, StringComparison.Ordinal);
        Assert.Contains("tied to axis 1 of the table of tokens, transformer.wte.weight", run.Output, StringComparison.Ordinal);
        Assert.Contains("(Gemm), which sums over both", run.Output, StringComparison.Ordinal);
        Assert.Contains("[48, 192] -> [64, 256]", run.Output, StringComparison.Ordinal);
        Assert.Contains("0..47 = 0..47, 48..63 = free", run.Output, StringComparison.Ordinal);
        Assert.Contains("seed 3, stream 'transformer.h.0.mlp.c_fc.weight/free'", run.Output, StringComparison.Ordinal);
        Assert.Contains("rule 0.1  Projection theorem: W~ P = Q W", run.Output, StringComparison.Ordinal);
        Assert.Empty(_cli.Files);
    }

    [Fact]
    public void Long_chains_are_cut_unless_all_is_asked_for()
    {
        string tensor = "bert.encoder.layer.2.output.dense.weight";
        string model = Repository.Model("bert-mini-op17.onnx");
        Assert.Contains("more steps (--all shows them)", _cli.Run("explain", model, tensor).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("more steps", _cli.Run("explain", model, tensor, "--all").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_holds_the_same()
    {
        CommandLine.Result run = _cli.Run("explain", Gpt, "transformer.wte.weight", "--hidden", "64", "--json");
        Assert.Equal(0, run.Exit);
        JsonNode json = JsonNode.Parse(run.Output)!;
        Assert.Equal("onnxgrow.explain/1", (string?)json["schema"]);
        Assert.Equal("[vocabulary, hidden]", (string?)json["tensor"]!["shape"]);
        Assert.Equal("Rounded", (string?)json["growth"]!["weights"]![0]!["class"]);
        Assert.Equal("2.1", (string?)json["growth"]!["weights"]![0]!["rules"]![0]!["number"]);
        Assert.Null(json["refusal"]);
    }

    [Fact]
    public void A_wrong_name_gives_the_closest()
    {
        CommandLine.Result run = _cli.Run("explain", Gpt, "transformer.wte.wieght");
        Assert.Equal(2, run.Exit);
        Assert.Contains("'transformer.wte.weight'", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, _cli.Run("explain", Gpt, "transformer.wte.wieght", "--hidden", "64").Exit);
        Assert.Equal(2, _cli.Run("explain", "none.onnx", "x").Exit);
    }

    [Fact]
    public void A_refusal_is_followed_to_the_nodes_that_refuse()
    {
        string model = Repository.Model("bert-mini-op17.onnx");
        CommandLine.Result run = _cli.Run("explain", model, "bert.embeddings.word_embeddings.weight", "--hidden", "64");
        Assert.Equal(3, run.Exit);
        Assert.Contains("these do not go together", run.Output, StringComparison.Ordinal);
        Assert.Contains("the way there:", run.Output, StringComparison.Ordinal);
        Assert.Contains("what would help: take a whole multiple: 96", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("onnxgrow: error OG3001: hidden 48 -> 64: not lossless", run.Error, StringComparison.Ordinal);

        run = _cli.Run("explain", model, "bert.embeddings.word_embeddings.weight", "--hidden", "64", "--json");
        Assert.Equal(3, run.Exit);
        Assert.Equal(2, JsonNode.Parse(run.Output)!["refusal"]!["causes"]!.AsArray().Count);
    }

    [Fact]
    public void A_plan_file_serves_as_well()
    {
        File.WriteAllText(_cli.PathOf("plan.yaml"), "dimensions: {ffn.0: 200}\n");
        CommandLine.Result run = _cli.Run("explain", Gpt, "transformer.h.0.mlp.c_fc.bias", "--plan", "plan.yaml");
        Assert.Equal(0, run.Exit);
        Assert.Contains("[192] -> [200]", run.Output, StringComparison.Ordinal);
        Assert.Contains("the tensor stays as it is", _cli.Run("explain", Gpt, "transformer.wte.weight", "--plan", "plan.yaml").Output, StringComparison.Ordinal);
        Assert.Equal(2, _cli.Run("explain", Gpt, "transformer.wte.weight", "--plan", "plan.yaml", "--hidden", "96").Exit);
    }

    [Fact]
    public void Names_from_a_file_cannot_write_to_the_terminal()
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", OnnxGrow.Onnx.ElementType.Float32, "\u001b[7mbatch", 4);
        string evil = g.Weight("\u001b[31mred", 1, 0, 4, 6);
        g.Output(g.Node("MatMul", [g.Node("Relu", [g.Node("MatMul", [x, evil])]), g.Weight("w\u001b[0m", 1, 0, 6, 4)]), "y", OnnxGrow.Onnx.ElementType.Float32, "batch", 4);
        File.WriteAllBytes(_cli.PathOf("evil.onnx"), Google.Protobuf.MessageExtensions.ToByteArray(g.Finish()));
        foreach (string tensor in new[] { evil, "x" })
        {
            CommandLine.Result run = _cli.Run("explain", "evil.onnx", tensor);
            Assert.Equal(0, run.Exit);
            Assert.DoesNotContain("\u001b", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Help_has_an_example()
    {
        Assert.Contains("Examples:", _cli.Run("explain", "--help").Output, StringComparison.Ordinal);
        Assert.Contains("Example:", _cli.Run("diff", "--help").Output, StringComparison.Ordinal);
    }
}
