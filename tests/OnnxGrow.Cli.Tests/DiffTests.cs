using System.Text.Json.Nodes;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class DiffTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Tells_what_was_grown_from_what()
    {
        Assert.Equal(0, _cli.Run("grow", Gpt, "--hidden", "96", "--at", "1", "--no-verify", "-o", "grown.onnx").Exit);
        CommandLine.Result run = _cli.Run("diff", Gpt, "grown.onnx", "--all");
        Assert.Equal(0, run.Exit);
        Assert.Contains("B was grown from A by OnnxGrow", run.Output, StringComparison.Ordinal);
        Assert.Contains("hidden 48 -> 96", run.Output, StringComparison.Ordinal);
        Assert.Contains("verdict in its metadata: not verified", run.Output, StringComparison.Ordinal);
        Assert.Contains("Inputs and outputs are the same.", run.Output, StringComparison.Ordinal);
        Assert.Contains("(from transformer.h.1.mlp.c_fc.weight)", run.Output, StringComparison.Ordinal);

        JsonNode json = JsonNode.Parse(_cli.Run("diff", Gpt, "grown.onnx", "--json").Output)!;
        Assert.Equal("onnxgrow.diff/1", (string?)json["schema"]);
        Assert.False((bool)json["same"]!);
        Assert.True((bool)json["lineage"]!["other_is_source"]!);
        Assert.Equal(96, (int)json["lineage"]!["plan"]!["dimensions"]!["hidden"]!);
    }

    [Fact]
    public void Equal_models_say_so()
    {
        File.Copy(Gpt, _cli.PathOf("copy.onnx"));
        CommandLine.Result run = _cli.Run("diff", Gpt, "copy.onnx");
        Assert.Equal(0, run.Exit);
        Assert.Contains("The models are equal", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Unrelated_models_are_no_error_and_unreadable_ones_are()
    {
        CommandLine.Result run = _cli.Run("diff", Gpt, Repository.Model("vit-mini-op17.onnx"));
        Assert.Equal(0, run.Exit);
        Assert.Contains("Neither says that it was grown", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, _cli.Run("diff", Gpt, "none.onnx").Exit);
        File.WriteAllText(_cli.PathOf("text.onnx"), "not a model");
        Assert.Equal(2, _cli.Run("diff", "text.onnx", Gpt).Exit);
    }
}
