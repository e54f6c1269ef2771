using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Export;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Handoff;

/// <summary>tools/handoff: PyTorch loads an export, computes what ONNX Runtime does, trains on, and hands the weights back.</summary>
public sealed partial class PyTorchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PyTorchTheory]
    [InlineData("gpt2-mini-op17.onnx", "safetensors", 96)]
    [InlineData("bert-mini-folded-op17.onnx", "npz", 0)]
    [InlineData("bert-mini-folded-op12.onnx", "safetensors", 96)]
    [InlineData("vit-mini-op17.onnx", "npz", 64)]
    [InlineData("llama-mini-op17.onnx", "safetensors", 0)]
    [InlineData("t5-mini-op17.onnx", "npz", 0)]
    public void PyTorch_computes_what_the_model_does(string file, string format, long hidden)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        string model = Grown(source, hidden == 0 ? null : new GrowthRequest { Hidden = hidden, Layers = 4 });
        string weights = _folder.File("weights." + format);
        using OnnxModel grown = OnnxModel.Open(model);
        WeightFile.Write(grown, weights, format);
        Compare(grown, weights, 1e-5);
    }

    [PyTorchTheory]
    [InlineData("gpt2-mini-op17.onnx")]
    public void Two_processes_train_on_as_one_does_and_the_weights_come_back(string file)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        string model = Grown(source, new GrowthRequest { Hidden = 96 });
        string weights = _folder.File("weights.safetensors");
        using OnnxModel grown = OnnxModel.Open(model);
        WeightFile.Write(grown, weights, "safetensors");
        string script = Tool("train.py");
        double[] alone = Losses(Run(PyTorchTheoryAttribute.Python, script, model, weights, "-o", _folder.File("one.npz"), "--steps", "6"));

        // The logs are asked for because PyTorch 1.13 takes "none" for an error on Python 3.11 and later.
        string[] torchrun = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", Port(), "-r", "1", "-t", "1"];
        double[] both = Losses(Run(PyTorchTheoryAttribute.Python, [.. torchrun, script, model, weights, "-o", _folder.File("two.npz"), "--steps", "6"]));
        Assert.Equal(6, alone.Length);
        Assert.True(alone[5] < alone[0] - 0.5, string.Join(" ", alone));
        Assert.Equal(6, both.Length);
        Assert.All(alone.Zip(both), p => Assert.True(Math.Abs(p.First - p.Second) <= 1e-4 * p.First, $"{p.First} and {p.Second}"));

        using OnnxModel trained = OnnxModel.Open(model);
        using (WeightFile.Read(trained, _folder.File("two.npz")))
        {
            trained.Save(_folder.File("trained.onnx"));
        }

        using OnnxModel back = OnnxModel.Open(_folder.File("trained.onnx"));
        Assert.NotEqual(grown.ToBytes(), back.ToBytes());
        Compare(back, _folder.File("two.npz"), 1e-5);
    }

    private static string Tool(string name) => Path.Combine(Repository.Root, "tools", "handoff", name);

    private static double[] Losses(string output) =>
        [.. Loss().Matches(output).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    private static string Port()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private string Grown(OnnxModel source, GrowthRequest? request)
    {
        string path = _folder.File("model.onnx");
        if (request is null)
        {
            source.Save(path);
            return path;
        }

        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request));
        grown.Model.Save(path);
        return path;
    }

    private void Compare(OnnxModel model, string weights, double tolerance)
    {
        IReadOnlyDictionary<string, RuntimeTensor> inputs = ExampleInputs.Of(model);
        using var session = new OrtSession(model);
        NpzFile.Write(_folder.File("inputs.npz"), inputs.Select(Named));
        NpzFile.Write(_folder.File("expected.npz"), session.Run(inputs).Select(Named));
        string output = Run(
            PyTorchTheoryAttribute.Python, Tool("compare.py"), model.SourcePath!, weights, "--inputs", _folder.File("inputs.npz"), "--expected", _folder.File("expected.npz"),
            "--tolerance", tolerance.ToString(CultureInfo.InvariantCulture));
        Assert.Contains("largest difference", output, StringComparison.Ordinal);
    }

    private static NamedTensor Named(KeyValuePair<string, RuntimeTensor> tensor) =>
        new(tensor.Key, tensor.Value.Dims, new MemoryTensorData(tensor.Value.ElementType, tensor.Value.Bytes));

    private string Run(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["MASTER_PORT"] = Port();
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {output}{error.Result}");
        return output;
    }

    [GeneratedRegex(@"loss (\d+\.\d+)")]
    private static partial Regex Loss();
}
