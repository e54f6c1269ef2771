using System.Text.Json.Nodes;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>What a user of <c>learn</c> meets, and of <c>grow --method ligo</c>.</summary>
public sealed class LearnTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public LearnTests()
    {
        File.WriteAllText(_cli.PathOf("text.txt"), string.Concat(Enumerable.Range(0, 100).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        File.WriteAllText(_cli.PathOf("recipe.yaml"), """
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 16, batch: 2, validation: 0.1, seed: 3}
            loss: {kind: causal-lm}
            steps: 4
            threads: 1
            learn: {steps: 3}
            """);
    }

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Help_has_a_recipe_and_examples()
    {
        CommandLine.Result help = _cli.Run("learn", "--help");
        Assert.Equal(0, help.Exit);
        Assert.Contains("onnxgrow learn small.onnx --recipe recipe.yaml --hidden 192 --project -o lossless.onnx", help.Output, StringComparison.Ordinal);
        Assert.Contains("learn: {steps: 100", help.Output, StringComparison.Ordinal);
        Assert.Contains("LOSSY", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Learns_says_what_came_of_it_and_projects()
    {
        CommandLine.Result run = _cli.Run("learn", Gpt, "--recipe", "recipe.yaml", "--hidden", "64", "--layers", "4", "--project", "-o", "grown.onnx", "--json", "result.json");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Exit);
        Assert.Contains("the source's own", run.Output, StringComparison.Ordinal);
        Assert.Contains("lossy by design (ligo)", run.Output, StringComparison.Ordinal);
        Assert.Contains("the nearest lossless weights; equivalent", run.Output, StringComparison.Ordinal);
        JsonNode json = JsonNode.Parse(File.ReadAllText(_cli.PathOf("result.json")))!;
        Assert.Equal(3, (int)json["steps"]!);
        Assert.True((double)json["loss_after"]! <= (double)json["loss_before"]!);
        Assert.Contains("grown.onnx.learned.onnx", _cli.Files);
        Assert.Equal(0, _cli.Run("verify", Gpt, "grown.onnx").Exit);
    }

    [Fact]
    public void Grow_by_ligo_does_the_same()
    {
        CommandLine.Result run = _cli.Run("grow", Gpt, "--method", "ligo", "--recipe", "recipe.yaml", "--start", "paper", "--hidden", "64", "-o", "grown.onnx");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Exit);
        Assert.Contains("the start's", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grow|GPT|--method|ligo|--hidden|64|-o|x.onnx", 2, "give --recipe FILE")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--state|s.safetensors", 2, "leave --state out")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--check-trainable", 2, "leave --check-trainable out")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--report|x.html", 2, "leave --report out")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--save-plan|x.yaml", 2, "leave --save-plan out")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--no-verify", 2, "leave --no-verify out")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--external", 2, "leave --external out")]
    [InlineData("grow|GPT|--method|ligo|--recipe|recipe.yaml|--hidden|64|-o|x.onnx|--dry-run", 2, "leave --dry-run out")]
    [InlineData("grow|GPT|--hidden|64|--project|-o|x.onnx", 2, "--project is for growth operators that are learned")]
    [InlineData("learn|GPT|--recipe|recipe.yaml|--hidden|64|--tying|loose|-o|x.onnx", 2, "give 'paper', 'code' or 'none'")]
    [InlineData("learn|GPT|--recipe|recipe.yaml|-o|x.onnx", 2, "nothing to grow was asked for")]
    [InlineData("learn|GPT|--recipe|none.yaml|--hidden|64|-o|x.onnx", 2, "none.yaml")]
    [InlineData("learn|GPT|--recipe|recipe.yaml|--hidden|64|-o|recipe.yaml", 2, "--force")]
    [InlineData("learn|GPT|--recipe|recipe.yaml|--vocabulary|600|-o|x.onnx", 5, "nothing that grows has an operator to learn")]
    public void A_mistake_is_told_and_leaves_nothing(string command, int exit, string says)
    {
        CommandLine.Result run = _cli.Run([.. command.Split('|').Select(a => a == "GPT" ? Gpt : a)]);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal(exit, run.Exit);
        Assert.Equal(["recipe.yaml", "text.txt"], _cli.Files);
    }
}
