using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.TorchSharp.Tests;

/// <summary>A model, a loss and batches that both engines train on.</summary>
internal sealed class EngineCase : IDisposable
{
    private const int Batches = 4;

    private readonly OnnxModel _source;

    public EngineCase(string file, double labelSmoothing = 0)
    {
        _source = OnnxModel.Open(Repository.Model(file));
        using TrainableModel model = Prepared();
        string[] outputs = [.. model.Forward.Proto.Graph.Output.Select(o => o.Name).Where(o => ElementTypes.IsGrowable(model.Values.TypeOf(o)))];
        string output = outputs.FirstOrDefault(o => o.Contains("logits", StringComparison.Ordinal)) ?? outputs[0];
        Loss = new CrossEntropy(output, LabelSmoothing: labelSmoothing);
        Data = [.. Enumerable.Range(0, Batches).Select(i => Batch((ulong)i, output))];
    }

    public ILoss Loss { get; }

    public IReadOnlyList<IReadOnlyDictionary<string, RuntimeTensor>> Data { get; }

    public ITrainingEngine Engine(string name, UpdateOptions options) =>
        Engines.Open(name, Prepared(), Loss, options, new OrtSessionOptions { Threads = 1 });

    public IReadOnlyList<Parameter> Parameters
    {
        get
        {
            using TrainableModel model = Prepared();
            return model.Parameters;
        }
    }

    public void Dispose() => _source.Dispose();

    private TrainableModel Prepared() => TrainableModel.Of(_source, ExampleInputs.Of(_source), new ParameterFilter());

    private Dictionary<string, RuntimeTensor> Batch(ulong seed, string output)
    {
        var inputs = ExampleInputs.Of(_source, seed).ToDictionary(
            i => i.Key, i => i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float32) : i.Value, StringComparer.Ordinal);
        using var session = new OrtSession(_source);
        long[] dims = [.. session.Run(inputs)[output].Dims];
        var random = new Random((int)seed);
        long count = dims[..^1].Aggregate(1L, (a, b) => a * b);

        // Some labels do not count.
        long[] labels = [.. Enumerable.Range(0, (int)count).Select(i => i % 5 == 4 ? -100 : random.NextInt64(dims[^1]))];
        inputs[CrossEntropy.Labels] = RuntimeTensor.FromIntegers(ElementType.Int64, dims[..^1], labels);
        return inputs;
    }
}
