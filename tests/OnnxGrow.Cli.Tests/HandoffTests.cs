using System.Text.Json.Nodes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>The commands around training: export and back, check-trainable, state that grows along.</summary>
public sealed class HandoffTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Weights_go_out_and_come_back()
    {
        CommandLine.Result run = _cli.Run("export", Gpt, "--to", "npz", "-o", "w.npz");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("40 weights", run.Output, StringComparison.Ordinal);
        JsonNode entry = JsonNode.Parse(File.ReadAllText(_cli.PathOf("w.npz.json")))!["weights"]!["transformer.h.0.attn.c_attn.weight"]!;
        Assert.Equal("[48,144]", entry["dims"]!.ToJsonString());
        Assert.Equal("matrix", (string?)entry["role"]);
        Assert.Equal(0, _cli.Run("export", Gpt, "--from", "w.npz", "-o", "back.onnx").Exit);
        Assert.Equal(File.ReadAllBytes(Gpt), File.ReadAllBytes(_cli.PathOf("back.onnx")));
    }

    [Fact]
    public void What_cannot_be_exported_is_one_line_and_writes_nothing()
    {
        void Refused(string says, params string[] args)
        {
            string[] before = _cli.Files;
            CommandLine.Result run = _cli.Run(args);
            Assert.True(run.Exit == 2, run.Error);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.Equal(before, _cli.Files);
        }

        Refused("give --to safetensors", "export", Gpt, "-o", "w.npz");
        Refused("'pickle' is not known; there are safetensors and npz", "export", Gpt, "--to", "pickle", "-o", "w.pt");
        Refused("--state-out says where", "grow", Gpt, "--hidden", "96", "--state-out", "s.safetensors", "-o", "g.onnx");
        Assert.Equal(0, _cli.Run("export", Gpt, "--to", "safetensors", "-o", "w.safetensors").Exit);
        Refused("exists already", "export", Gpt, "--to", "safetensors", "-o", "w.safetensors");
        Refused("holds no state of an optimizer", "grow", Gpt, "--hidden", "96", "--state", "w.safetensors", "-o", "g.onnx");
    }

    [Fact]
    public void Copies_that_stay_equal_are_reported_after_a_growth_and_by_themselves()
    {
        CommandLine.Result run = _cli.Run("grow", Gpt, "--hidden", "96", "--method", "hypercloning", "--no-verify", "-o", "g.onnx", "--check-trainable", "--json", "grow.json");
        Assert.Equal(1, run.Exit);
        Assert.Contains("copies that stay equal", run.Output, StringComparison.Ordinal);
        Assert.False((bool)JsonNode.Parse(File.ReadAllText(_cli.PathOf("grow.json")))!["trainable"]!["trainable"]!);
        run = _cli.Run("check-trainable", "g.onnx", "--json", "-");
        Assert.Equal(1, run.Exit);
        JsonNode json = JsonNode.Parse(run.Output)!;
        Assert.Equal("onnxgrow.trainable/1", (string?)json["schema"]);
        Assert.Contains(json["findings"]!.AsArray(), f => (string?)f!["problem"] == "StayEqual" && (bool)f["fault"]!);
        Assert.Equal(0, _cli.Run("check-trainable", Gpt).Exit);
    }

    [Fact]
    public void State_grows_along_with_the_model()
    {
        SafetensorsFile.Write(
            _cli.PathOf("adam.safetensors"),
            [new NamedTensor("transformer.ln_f.bias/exp_avg", [48], MemoryTensorData.From([.. Enumerable.Range(0, 48).Select(i => (float)i)]))],
            new Dictionary<string, string> { ["step"] = "100" });
        CommandLine.Result run = _cli.Run("grow", Gpt, "--hidden", "96", "--no-verify", "--state", "adam.safetensors", "-o", "g.onnx");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("state at step 100, 1 tensors grown", run.Output, StringComparison.Ordinal);
        using SafetensorsFile grown = SafetensorsFile.Open(_cli.PathOf("g.onnx.state.safetensors"));
        double[] values = new double[96];
        grown.Tensors["transformer.ln_f.bias/exp_avg"].Data.ReadDoubles(0, values);

        // The table that reads the final norm is copied, and its bias halved: each copy has the whole gradient.
        Assert.Equal(Enumerable.Range(0, 96).Select(i => (double)(i % 48)), values);
    }
}
