using System.Text.Json.Nodes;
using Google.Protobuf;
using Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class ShrinkTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    private void Grow(params string[] options) =>
        Assert.Equal(0, _cli.Run(["grow", Gpt, "--no-verify", "-o", "grown.onnx", .. options]).Exit);

    [Fact]
    public void The_source_comes_back_and_is_verified()
    {
        Grow("--hidden", "64", "--layers", "4");
        CommandLine.Result run = _cli.Run("shrink", "grown.onnx", "-o", "small.onnx", "--json", "report.json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("bit-identical to the source", run.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Gpt), File.ReadAllBytes(_cli.PathOf("small.onnx")));
        JsonNode json = JsonNode.Parse(File.ReadAllText(_cli.PathOf("report.json")))!;
        Assert.Equal("onnxgrow.shrink/1", (string?)json["schema"]);
        Assert.Equal("SameFile", (string?)json["outcome"]);
        Assert.Equal("Equivalent", (string?)json["report"]!["verdict"]);
        Assert.Equal(0, _cli.Run("verify", "small.onnx", "grown.onnx").Exit);
    }

    [Fact]
    public void A_model_that_was_trained_since_is_written_by_force_only()
    {
        Grow("--hidden", "96");
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("grown.onnx")));
        TensorProto tensor = model.Graph.Initializer.Single(t => t.Name == "transformer.h.1.mlp.c_proj.weight");
        byte[] bytes = tensor.RawData.ToByteArray();
        bytes[2] ^= 0x20;
        tensor.RawData = ByteString.CopyFrom(bytes);
        File.WriteAllBytes(_cli.PathOf("grown.onnx"), model.ToByteArray());

        CommandLine.Result run = _cli.Run("shrink", "grown.onnx", "-o", "small.onnx");
        Assert.Equal(1, run.Exit);
        Assert.Contains("not the source", run.Output, StringComparison.Ordinal);
        Assert.Contains("transformer.h.1.mlp.c_proj.weight", run.Output, StringComparison.Ordinal);
        Assert.Equal(["grown.onnx"], _cli.Files);

        CommandLine.Result forced = _cli.Run("shrink", "grown.onnx", "-o", "small.onnx", "--force", "--json", "-");
        Assert.Equal(0, forced.Exit);
        JsonNode json = JsonNode.Parse(forced.Output)!;
        Assert.Equal("Changed", (string?)json["outcome"]);
        Assert.Equal("transformer.h.1.mlp.c_proj.weight", (string?)json["changed"]!.AsArray().Single());
        Assert.NotEqual(File.ReadAllBytes(Gpt), File.ReadAllBytes(_cli.PathOf("small.onnx")));
        Assert.Equal(File.ReadAllBytes(Gpt).Length, File.ReadAllBytes(_cli.PathOf("small.onnx")).Length);
    }

    [Fact]
    public void New_layers_that_have_learnt_leave_the_source_as_it_was_and_say_so()
    {
        Grow("--layers", "4");
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("grown.onnx")));
        TensorProto tensor = model.Graph.Initializer.First(t => t.Name.StartsWith("transformer.h.2.mlp.c_proj.weight_grown", StringComparison.Ordinal));
        byte[] bytes = tensor.RawData.ToByteArray();
        bytes[3] = 0x3F;
        tensor.RawData = ByteString.CopyFrom(bytes);
        File.WriteAllBytes(_cli.PathOf("grown.onnx"), model.ToByteArray());
        CommandLine.Result run = _cli.Run("shrink", "grown.onnx", "-o", "small.onnx");
        Assert.Equal(1, run.Exit);
        Assert.Contains("every tensor is the source's, bit for bit, but the grown model was changed since", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_shrunk_is_one_line_and_writes_nothing()
    {
        void Refused(int exit, string says, params string[] args)
        {
            string[] before = _cli.Files;
            CommandLine.Result run = _cli.Run(["shrink", .. args]);
            Assert.True(run.Exit == exit, run.Error);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.True(run.Error.TrimEnd().Split('\n').Length <= 2, run.Error);
            Assert.Equal(before, _cli.Files);
        }

        Refused(2, "only a model that 'grow' wrote", Gpt, "-o", "small.onnx");
        Refused(2, "no such file", "missing.onnx", "-o", "small.onnx");
        Refused(2, "-o", Gpt);
        Grow("--hidden", "96", "--method", "random");
        Refused(3, "throws the source's weights away", "grown.onnx", "-o", "small.onnx");
        Refused(2, "exists already", "grown.onnx", "-o", Gpt);
        Refused(2, "that is the grown model", "grown.onnx", "-o", "./grown.onnx", "--force");
    }
}
