using System.Text.Json.Nodes;
using Google.Protobuf;
using Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class VerifyTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Vit => Repository.Model("vit-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    private void Grow(params string[] options) =>
        Assert.Equal(0, _cli.Run(["grow", Vit, "--no-verify", "-o", "grown.onnx", .. options]).Exit);

    private void Mutate(string tensor, Action<float[]> change)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("grown.onnx")));
        TensorProto found = model.Graph.Initializer.Single(t => t.Name == tensor);
        var values = new float[found.RawData.Length / 4];
        Buffer.BlockCopy(found.RawData.ToByteArray(), 0, values, 0, values.Length * 4);
        change(values);
        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        found.RawData = ByteString.CopyFrom(bytes);
        File.WriteAllBytes(_cli.PathOf("grown.onnx"), model.ToByteArray());
    }

    private (int Exit, JsonNode Report) Verify()
    {
        int exit = _cli.Run("verify", Vit, "grown.onnx", "--json", "report.json").Exit;
        return (exit, JsonNode.Parse(File.ReadAllText(_cli.PathOf("report.json")))!);
    }

    [Fact]
    public void What_was_grown_is_equivalent_by_all_three_proofs()
    {
        Grow("--hidden", "80", "--layers", "4");
        (int exit, JsonNode report) = Verify();
        Assert.Equal(0, exit);
        Assert.True((bool)report["certificate"]!["passed"]!);
        Assert.True((double)report["witness"]!["required_tolerance"]! <= 1e-12);
        Assert.Equal("before rounding", (string?)report["witness"]!["weights"]);
        Assert.Equal("Equivalent", (string?)report["as_shipped"]!["verdict"]);
    }

    [Fact]
    public void One_weight_off_by_a_thousandth_is_caught()
    {
        Grow("--hidden", "96");
        Mutate("vit.encoder.layer.1.output.dense.bias", b => b[3] *= 1.001f);
        (int exit, JsonNode report) = Verify();
        Assert.Equal(1, exit);
        Assert.Contains("vit.encoder.layer.1.output.dense.bias", (string?)report["certificate"]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public void One_unit_in_the_last_place_of_an_exact_weight_is_caught()
    {
        Grow("--hidden", "96");
        Mutate("vit.encoder.layer.2.intermediate.dense.bias", b => b[7] = MathF.BitIncrement(b[7]));
        Assert.Equal(1, Verify().Exit);
    }

    [Fact]
    public void A_tensor_that_should_be_the_source_s_own_is_checked_too()
    {
        Grow("--heads", "5");
        Mutate("vit.layernorm.weight", g => g[0] = MathF.BitIncrement(g[0]));
        (int exit, JsonNode report) = Verify();
        Assert.Equal(1, exit);
        Assert.Contains("not the source's", (string?)report["certificate"]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_graph_is_caught()
    {
        Grow("--heads", "5");
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("grown.onnx")));
        AttributeProto epsilon = model.Graph.Node.First(n => n.OpType == "LayerNormalization").Attribute.Single(a => a.Name == "epsilon");
        epsilon.F *= 2;
        File.WriteAllBytes(_cli.PathOf("grown.onnx"), model.ToByteArray());
        (int exit, JsonNode report) = Verify();
        Assert.Equal(1, exit);
        Assert.Contains("not the one that the plan", (string?)report["certificate"]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public void Models_without_a_plan_are_compared_without_a_certificate()
    {
        CommandLine.Result run = _cli.Run("verify", Repository.Model("vit-mini-op12.onnx"), Vit);
        Assert.Equal(0, run.Exit);
        Assert.Contains("not run", run.Output, StringComparison.Ordinal);
        Assert.Contains("not grown by OnnxGrow", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_that_differ_are_told_apart_with_the_first_place()
    {
        CommandLine.Result other = _cli.Run("verify", Repository.Model("vit-mini-qkv-op17.onnx"), Vit);
        Assert.Equal(1, other.Exit);
        CommandLine.Result interfaces = _cli.Run("verify", Repository.Model("gpt2-mini-op17.onnx"), Vit);
        Assert.Equal(1, interfaces.Exit);
        Grow("--heads", "5");
        Mutate("vit.encoder.layer.1.layernorm_after.bias", b => b[0] += 0.5f);
        CommandLine.Result run = _cli.Run("verify", Vit, "grown.onnx", "--layers");
        Assert.Equal(1, run.Exit);
        Assert.Contains("layer.1/layernorm_after", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tolerance -1")]
    [InlineData("--tolerance NaN")]
    [InlineData("--inputs no-such-folder")]
    [InlineData("--provider gpu")]
    public void Bad_options_are_refused(string options)
    {
        CommandLine.Result run = _cli.Run(["verify", Vit, Vit, .. options.Split(' ')]);
        Assert.Equal(2, run.Exit);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
