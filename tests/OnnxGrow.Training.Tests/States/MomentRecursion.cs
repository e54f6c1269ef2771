using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Trainability;

namespace OnnxGrow.Training.Tests.States;

/// <summary>AdamW's two moments of a model's exact gradients over a few batches, in float64.</summary>
internal sealed class MomentRecursion : IDisposable
{
    private readonly OnnxModel _model;
    private readonly TrainableModel _trainable;
    private readonly TrainingGraph _graph;
    private readonly OnnxModel _lifted;
    private readonly OrtSession _session;

    public MomentRecursion(OnnxModel model, IReadOnlyDictionary<string, RuntimeTensor> example)
    {
        _model = model;
        _trainable = TrainableModel.Of(model, example, new ParameterFilter(), ElementType.Float64);
        Output = _trainable.Forward.Proto.Graph.Output.Select(o => o.Name).First(o => ElementTypes.IsGrowable(_trainable.Values.TypeOf(o)));
        _graph = TrainingGraph.Backward(_trainable, new ProbeLoss([Output]), adds: false);
        _lifted = Float64Lift.Lift(_graph.Model);
        _session = new OrtSession(_lifted, new OrtSessionOptions { Optimization = GraphOptimization.None });
    }

    public string Output { get; }

    public long[] OutputDims => [.. _trainable.Values.DimsOf(Output)];

    public Dictionary<string, (double[] Mean, double[] Square)> Moments { get; } = new(StringComparer.Ordinal);

    public IEnumerable<Parameter> Parameters => _trainable.Parameters.Where(p => _graph.Reached.Contains(p.Name));

    /// <summary>One step: the gradients of the sum of the output's entries, each times a number.</summary>
    public void Step(IReadOnlyDictionary<string, RuntimeTensor> batch, double[] numbers)
    {
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal)
        {
            [ProbeLoss.InputOf(Output)] = RuntimeTensor.FromDoubles(ElementType.Float64, OutputDims, numbers),
            [TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float64, [], [1]),
        };
        foreach (string name in _graph.DataInputs.Where(batch.ContainsKey))
        {
            inputs[name] = batch[name].IsFloat ? batch[name].ConvertTo(ElementType.Float64) : batch[name];
        }

        HashSet<string> asked = [.. _lifted.Proto.Graph.Input.Select(i => i.Name)];
        foreach (Parameter parameter in _trainable.Parameters.Where(p => asked.Contains(p.Name)))
        {
            inputs[parameter.Name] = _trainable.ValueOf(parameter);
        }

        IReadOnlyDictionary<string, RuntimeTensor> found = _session.Run(inputs);
        foreach (Parameter parameter in Parameters)
        {
            double[] gradient = found[TrainingGraph.GradientOf(parameter.Name)].ToDoubles();
            if (!Moments.TryGetValue(parameter.Name, out (double[] Mean, double[] Square) moments))
            {
                Moments[parameter.Name] = moments = (new double[gradient.Length], new double[gradient.Length]);
            }

            for (int i = 0; i < gradient.Length; i++)
            {
                moments.Mean[i] = (0.9 * moments.Mean[i]) + (0.1 * gradient[i]);
                moments.Square[i] = (0.999 * moments.Square[i]) + (0.001 * gradient[i] * gradient[i]);
            }
        }
    }

    /// <summary>The moments as a state file, float64.</summary>
    public void Save(string path, long step)
    {
        var dims = _trainable.Parameters.ToDictionary(p => p.Name, p => p.Dims, StringComparer.Ordinal);
        SafetensorsFile.Write(
            path,
            Moments.SelectMany(m => new[]
            {
                new NamedTensor(m.Key + "/exp_avg", [.. dims[m.Key]], MemoryTensorData.From(m.Value.Mean)),
                new NamedTensor(m.Key + "/exp_avg_sq", [.. dims[m.Key]], MemoryTensorData.From(m.Value.Square)),
            }),
            new Dictionary<string, string> { ["step"] = FormattableString.Invariant($"{step}") });
    }

    /// <summary>A tensor of the model, for its extents.</summary>
    public TensorProto TensorOf(string name) => ParameterChoice.TensorsOf(_model.Proto.Graph).First(t => t.Name == name).Tensor;

    public void Dispose()
    {
        _session.Dispose();
        _lifted.Dispose();
        _graph.Dispose();
        _trainable.Dispose();
    }
}
