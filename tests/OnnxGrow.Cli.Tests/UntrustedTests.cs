using System.Diagnostics;
using Google.Protobuf;
using Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>Files from strangers, given to the commands.</summary>
public sealed class UntrustedTests : IDisposable
{
    // Red text, a screen that is cleared (in one byte too), a title, text from right to left, a line of its own.
    private const string Evil = "\u001b[31m\u009b2J\u001b]0;x\u0007\u202e\u2028\r\n\u0085";

    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void No_command_lets_a_name_act_on_the_terminal()
    {
        File.WriteAllBytes(_cli.PathOf("evil.onnx"), WithEvilNames().ToByteArray());
        string weight = Evil + "transformer.wte.weight";
        string[][] commands =
        [
            ["inspect", "evil.onnx", "--all"],
            ["inspect", "evil.onnx", "--json"],
            ["diff", "evil.onnx", Gpt, "--all"],
            ["diff", "evil.onnx", Gpt, "--json"],
            ["explain", "evil.onnx", weight, "--hidden", "64", "--all"],
            ["explain", "evil.onnx", weight, "--hidden", "64", "--json"],
            ["explain", "evil.onnx", Evil + "none"],
            ["grow", "evil.onnx", "--hidden", "64", "--dry-run"],
            ["grow", "evil.onnx", "--hidden", "64", "-o", "grown.onnx", "--json", "-"],
            ["grow", "evil.onnx", "--size", Evil + "=96", "--dry-run"],
            ["verify", "evil.onnx", "grown.onnx"],
            ["verify", "evil.onnx", Gpt, "--layers"],
            ["shrink", "grown.onnx", "-o", "small.onnx"],
            ["inspect", Evil + ".onnx"],
            [Evil],
            ["grow", "evil.onnx", "--plan", Evil],
        ];
        foreach (string[] command in commands)
        {
            CommandLine.Result run = _cli.Run(command);
            Assert.True(run.Exit is >= 0 and <= 4, run.Error);
            foreach (char c in run.Output + run.Error)
            {
                Assert.False((char.IsControl(c) && c != '\n') || c is '\u202e' or '\u2028', $"{string.Join(' ', command)}: U+{(int)c:x4}");
            }
        }
    }

    [Fact]
    public void What_is_no_model_is_one_line_for_every_command()
    {
        byte[] safetensors = [0x40, 0, 0, 0, 0, 0, 0, 0, .. "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}        "u8];
        File.WriteAllBytes(_cli.PathOf("a.safetensors"), safetensors);
        File.WriteAllBytes(_cli.PathOf("a.gguf"), [.. "GGUF"u8, 3, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 35)]);
        string[][] commands = [["inspect"], ["diff", Gpt], ["verify", Gpt], ["explain", "a"], ["shrink", "-o", "out.onnx"], ["grow", "--hidden", "96", "-o", "out.onnx"]];
        foreach (string[] command in commands)
        {
            foreach ((string file, string what) in new[] { ("a.safetensors", "safetensors"), ("a.gguf", "GGUF") })
            {
                CommandLine.Result run = _cli.Run(command is ["explain", ..] ? ["explain", file, "a"] : [.. command, file]);
                Assert.True(run.Exit == 2, run.Error);
                Assert.Contains(what, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
            }
        }

        Assert.Equal(["a.gguf", "a.safetensors"], _cli.Files);
    }

    [Fact]
    public void Limits_can_be_set_by_name()
    {
        Refused(2, "--limit messages=N", "inspect", Gpt, "--limit", "messages=100");
        Refused(2, "graph-bytes", "diff", Gpt, Gpt, "--limit", "graph-bytes=1KiB");
        Refused(2, "depth", "verify", Gpt, Gpt, "--limit", "depth=2");
        Refused(2, "from 1 to 1000", "grow", Gpt, "--hidden", "96", "--dry-run", "--limit", "depth=100000");
        Refused(2, "depth, graph-bytes, messages, unfolded, calls, factor and new-layers", "explain", Gpt, "x", "--limit", "speed=1");
        Refused(2, "such as messages=", "shrink", Gpt, "-o", "out.onnx", "--limit", "messages");
        Assert.Equal(0, _cli.Run("inspect", Gpt, "--limit", "messages=100000", "--limit", "graph-bytes=64MiB").Exit);
    }

    [Fact]
    public void A_data_file_with_another_name_is_read_where_that_is_allowed()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using (OnnxGrow.Onnx.OnnxModel model = OnnxGrow.Onnx.OnnxModel.Open(Gpt))
        {
            model.Save(_cli.PathOf("m.onnx"), new OnnxGrow.Onnx.SaveOptions { ExternalThreshold = 1024 });
        }

        using (Process link = Process.Start("ln", [_cli.PathOf("m.onnx.data"), _cli.PathOf("other-name")]))
        {
            link.WaitForExit();
        }

        Refused(2, "--allow-hard-links", "inspect", "m.onnx");
        Refused(2, "--allow-hard-links", "grow", "m.onnx", "--ffn", "x5", "-o", "out.onnx");
        Assert.Equal(0, _cli.Run("inspect", "m.onnx", "--allow-hard-links").Exit);
        Assert.Equal(0, _cli.Run("grow", "m.onnx", "--ffn", "x5", "-o", "out.onnx", "--allow-hard-links").Exit);
    }

    [Fact]
    public void Plans_of_strangers_end_in_one_line()
    {
        Plan(2, "line 2, column 1: unknown key 'dimesions' (did you mean 'dimensions'?)", "method: lemon\ndimesions: {hidden: 96}\n");
        Plan(2, "line 1, column 22: '1e18'", "dimensions: {hidden: 1e18}");
        Plan(2, "line 2, column 4: aliases are not allowed", "a: &a [x]\nb: *a");
        Plan(2, "Duplicate key", "seed: 1\nseed: 2\n");
        Plan(2, "noise-db NaN", "method: hypercloning\ndimensions: {hidden: 96}\nnoise_db: NaN");
        Plan(2, "--method magic\\u001b[31m", "method: \"magic\\u001b[31m\"\ndimensions: {hidden: 96}");
        Plan(3, "which this model does not have", "dimensions: {nothing: 96}");
        Plan(3, "hidden", "dimensions: {hidden: 2147483647}");
        Plan(3, "hidden", "dimensions: {hidden: 24}");
        Plan(3, "heads", "dimensions: {heads: 2147483647}");
        Plan(2, "gone.onnx", "method: lemon\ndimensions: {hidden: 96}\ninit: {path: gone.onnx}");
        Refused(2, "too many for a plan", "grow", Gpt, "--dry-run", "--plan", "/dev/zero");
        Plan(2, "device or a pipe", "dimensions: {hidden: 96}\ninit: {path: /dev/zero}");

        void Plan(int exit, string says, string text)
        {
            File.WriteAllText(_cli.PathOf("p.yaml"), text);
            Refused(exit, says, "grow", Gpt, "--plan", "p.yaml", "-o", "out.onnx");
        }
    }

    [Fact]
    public void Metadata_of_strangers_makes_nothing_be_read_elsewhere()
    {
        Assert.Equal(0, _cli.Run("grow", Gpt, "--hidden", "64", "--no-verify", "-o", "grown.onnx").Exit);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_cli.PathOf("grown.onnx")));
        StringStringEntryProto plan = model.MetadataProps.Single(p => p.Key == "onnxgrow.plan");
        string sound = plan.Value;
        foreach ((string path, string hash) in new[] { ("/dev/zero", ""), ("/dev/zero", ", \"sha256\": \"00\""), ("//server/share/x", ", \"sha256\": \"00\"") })
        {
            plan.Value = sound.Replace("\"seed\"", $"\"init\": {{\"path\": \"{path}\"{hash}}},\n  \"seed\"", StringComparison.Ordinal);
            File.WriteAllBytes(_cli.PathOf("evil.onnx"), model.ToByteArray());
            CommandLine.Result verify = _cli.Run("verify", Gpt, "evil.onnx");
            Assert.Equal(0, verify.Exit);
            Assert.Contains("neither there nor beside the models", verify.Output, StringComparison.Ordinal);
            Refused(2, path, "shrink", "evil.onnx", "-o", "small.onnx");
        }

        plan.Value = sound.Replace("\"hidden\": 64", "\"hidden\": 2147483647", StringComparison.Ordinal);
        File.WriteAllBytes(_cli.PathOf("evil.onnx"), model.ToByteArray());
        Assert.Equal(0, _cli.Run("verify", Gpt, "evil.onnx").Exit);
        Refused(2, "evil.onnx", "shrink", "evil.onnx", "-o", "small.onnx");
    }

    private static ModelProto WithEvilNames()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Gpt));
        model.ProducerName = model.ProducerVersion = model.DocString = Evil;
        model.MetadataProps.Add(new StringStringEntryProto { Key = Evil, Value = Evil });
        GraphProto graph = model.Graph;
        graph.Name += Evil;
        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            info.Name = Evil + info.Name;
            foreach (TensorShapeProto.Types.Dimension dim in info.Type.TensorType.Shape.Dim.Where(d => d.HasDimParam))
            {
                dim.DimParam = Evil + dim.DimParam;
            }
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            tensor.Name = Evil + tensor.Name;
        }

        foreach (NodeProto node in graph.Node)
        {
            node.Name = Evil + node.Name;
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i].Length == 0 ? "" : Evil + node.Input[i];
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = node.Output[i].Length == 0 ? "" : Evil + node.Output[i];
            }
        }

        return model;
    }

    private void Refused(int exit, string says, params string[] args)
    {
        string[] before = _cli.Files;
        CommandLine.Result run = _cli.Run(args);
        Assert.True(run.Exit == exit, $"{string.Join(' ', args)}: {run.Exit} {run.Error}");
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Equal(before, _cli.Files);
    }
}
