using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Trainability;

/// <summary>
/// Exact gradients of a model on a few random batches, each with random weights of the outputs. In float64, so that gradients that
/// are equal, or zero, can be told from those that are nearly so.
/// </summary>
internal sealed class GradientProbe : IDisposable
{
    private readonly TrainableModel _model;
    private readonly TrainingGraph _graph;
    private readonly OnnxModel _lifted;
    private readonly OrtSession _session;
    private readonly List<Dictionary<string, RuntimeTensor>> _batches = [];

    /// <param name="source">The model; it must stay open.</param>
    /// <param name="batches">How many batches.</param>
    /// <param name="seed">Decides them.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <exception cref="CannotTrainException">Something has no gradient.</exception>
    public GradientProbe(OnnxModel source, int batches, ulong seed, CancellationToken cancellation = default)
    {
        IReadOnlyDictionary<string, RuntimeTensor> example = ExampleInputs.Of(source, seed);
        _model = TrainableModel.Of(source, example, new ParameterFilter(), ElementType.Float64);
        try
        {
            string[] outputs = [.. _model.Forward.Proto.Graph.Output.Select(o => o.Name).Where(o => ElementTypes.IsGrowable(_model.Values.TypeOf(o)))];
            _graph = TrainingGraph.Backward(_model, new ProbeLoss(outputs), adds: false);
            _lifted = Float64Lift.Lift(_graph.Model);
            _session = new OrtSession(_lifted, new OrtSessionOptions { Optimization = GraphOptimization.None, Cancellation = cancellation });
            for (int i = 0; i < batches; i++)
            {
                AddBatch(i == 0 ? example : ExampleInputs.Of(source, seed + (ulong)i), example, outputs, new Random(i + (int)(seed & 0xFFFF)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Parameters = [.. _model.Parameters.Where(p => _graph.Reached.Contains(p.Name))];
        Unreached = [.. _model.Parameters.Where(p => !_graph.Reached.Contains(p.Name))];
    }

    /// <summary>The weights that outputs depend on.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The weights that no output depends on.</summary>
    public IReadOnlyList<Parameter> Unreached { get; }

    /// <summary>How many batches there are.</summary>
    public int Batches => _batches.Count;

    /// <summary>The weights as the file has them.</summary>
    public double[][] Weights() => [.. Parameters.Select(p => _model.ValueOf(p).ToDoubles())];

    /// <summary>The gradients of one batch.</summary>
    /// <param name="weights">The weights, in the order of <see cref="Parameters"/>.</param>
    /// <param name="batch">Which batch.</param>
    public double[][] Gradients(double[][] weights, int batch)
    {
        var inputs = new Dictionary<string, RuntimeTensor>(_batches[batch], StringComparer.Ordinal);
        for (int i = 0; i < weights.Length; i++)
        {
            inputs[Parameters[i].Name] = RuntimeTensor.FromDoubles(ElementType.Float64, Parameters[i].Dims, weights[i]);
        }

        IReadOnlyDictionary<string, RuntimeTensor> found = _session.Run(inputs);
        return [.. Parameters.Select(p => found[TrainingGraph.GradientOf(p.Name)].ToDoubles())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session?.Dispose();
        _lifted?.Dispose();
        _graph?.Dispose();
        _model.Dispose();
    }

    private void AddBatch(IReadOnlyDictionary<string, RuntimeTensor> inputs, IReadOnlyDictionary<string, RuntimeTensor> example, string[] outputs, Random random)
    {
        if (inputs.Any(i => !i.Value.Dims.SequenceEqual(example[i.Key].Dims)))
        {
            return;
        }

        var batch = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach (string name in _graph.DataInputs.Where(inputs.ContainsKey))
        {
            batch[name] = inputs[name].IsFloat ? inputs[name].ConvertTo(ElementType.Float64) : inputs[name];
        }

        foreach (string output in outputs)
        {
            long[] dims = [.. _model.Values.DimsOf(output)];
            double[] numbers = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (n, d) => n * d)).Select(_ => (2 * random.NextDouble()) - 1)];
            batch[ProbeLoss.InputOf(output)] = RuntimeTensor.FromDoubles(ElementType.Float64, dims, numbers);
        }

        foreach (Parameter parameter in _model.Parameters.Where(p => !_graph.Reached.Contains(p.Name) && _lifted.Proto.Graph.Input.Any(i => i.Name == p.Name)))
        {
            batch[parameter.Name] = _model.ValueOf(parameter);
        }

        batch[TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float64, [], [1]);
        _batches.Add(batch);
    }
}
