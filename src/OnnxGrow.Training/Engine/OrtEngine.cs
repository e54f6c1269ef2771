using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Devices;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Fusion;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Engine;

/// <summary>
/// Training on ONNX Runtime: the gradients are one graph, the update another, and weights, gradients and state stay on the device.
/// The update writes each tensor over itself.
/// </summary>
internal sealed class OrtEngine : ITrainingEngine
{
    private readonly TensorDevice _device;
    private readonly TrainableModel _model;
    private readonly ILoss _loss;
    private readonly Dictionary<string, DeviceTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceTensor> _gradients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceTensor> _scalars = new(StringComparer.Ordinal);
    private readonly TrainingGraph _backward;
    private readonly OptimizerGraph _update;
    private readonly UpdateOptions _options;
    private readonly NarrowProducts? _narrow;
    private readonly BoundSession _first;
    private readonly BoundSession _updater;
    private BoundSession? _further;
    private BoundSession? _evaluator;
    private TrainingGraph? _evaluation;
    private readonly Dictionary<BoundSession, Dictionary<string, DeviceTensor>> _batches = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The prepared model; it is disposed with the engine.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="options">The update.</param>
    /// <param name="session">Provider, threads and so on.</param>
    /// <exception cref="CannotTrainException">Something has no gradient.</exception>
    /// <exception cref="BadInputException">The provider does not compute in the precision asked for.</exception>
    public OrtEngine(TrainableModel model, ILoss loss, UpdateOptions options, OrtSessionOptions session)
    {
        _model = model;
        _loss = loss;
        _options = options;
        _narrow = NarrowKernels.Of(options.Precision, session);
        _backward = TrainingGraph.Backward(model, loss, adds: false, session.Provider == "cpu", _narrow);
        ElementType type = model.FloatType;
        Parameter[] trained = [.. model.Parameters.Where(p => _backward.Reached.Contains(p.Name))];
        _update = options.GraphOf(trained, type);
        _device = new TensorDevice(session with { FusedKernels = session.Provider == "cpu" });
        foreach (Parameter parameter in model.Parameters)
        {
            _tensors.Add(parameter.Name, _device.Upload(model.ValueOf(parameter)));
        }

        foreach ((Parameter parameter, string state) in _update.State)
        {
            _tensors.Add(UpdateEmitter.NameOf(parameter, state), _device.Upload(Zeros(type, parameter.Dims)));
        }

        foreach (Parameter parameter in trained)
        {
            _gradients.Add(TrainingGraph.GradientOf(parameter.Name), _device.Upload(Zeros(type, parameter.Dims)));
        }

        foreach (string scalar in _update.Model.Proto.Graph.Input.Select(i => i.Name).Where(n => !_tensors.ContainsKey(n) && !_gradients.ContainsKey(n))
            .Concat([TrainingGraph.Scale, TrainingGraph.Loss, TrainingGraph.Count, TrainingGraph.Correct, OptimizerGraph.Norm]))
        {
            _scalars.Add(scalar, _device.Upload(Zeros(type, [])));
        }

        _first = Bind(_backward);
        _updater = Load(_update.Model, null, null);
        foreach (string input in _updater.Inputs)
        {
            _updater.BindInput(input, _tensors.GetValueOrDefault(input) ?? _gradients.GetValueOrDefault(input) ?? _scalars[input]);
        }

        // Copies of the model in its forms, several times the weights, are done with; a long run would not miss the space soon.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _updater.BindOutput(OptimizerGraph.Norm, _scalars[OptimizerGraph.Norm]);
        foreach ((string input, string output) in _update.Next)
        {
            _updater.BindOutput(output, _tensors[input]);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> DataInputs => _backward.DataInputs;

    /// <inheritdoc/>
    public IReadOnlyList<string> TensorNames => [.. _tensors.Keys];

    /// <inheritdoc/>
    public double LossScale { get; set; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<double> Accumulate(IReadOnlyList<IReadOnlyDictionary<string, RuntimeTensor>> batches)
    {
        SetScalar(TrainingGraph.Scale, LossScale / batches.Count);
        double[] losses = new double[batches.Count];
        for (int i = 0; i < batches.Count; i++)
        {
            losses[i] = Run(i == 0 ? _first : _further ??= BindFurther(), batches[i]);
        }

        return losses;
    }

    /// <inheritdoc/>
    public double Update(long step, double rate)
    {
        SetScalar(OptimizerGraph.Rate, rate);
        SetScalar(OptimizerGraph.Unscale, 1 / LossScale);
        foreach ((string name, double value) in _options.NumbersAt(step))
        {
            SetScalar(name, value);
        }

        _updater.Run();
        return _scalars[OptimizerGraph.Norm].Read().ToDoubles()[0];
    }

    /// <inheritdoc/>
    public (double Loss, double Count, double Correct) Evaluate(IReadOnlyDictionary<string, RuntimeTensor> batch)
    {
        if (_evaluator is null)
        {
            _evaluation = TrainingGraph.Evaluation(_model, _loss, _device.IsHost, _narrow);
            _evaluator = Bind(_evaluation);
        }

        double loss = Run(_evaluator, batch);
        return (loss, _scalars[TrainingGraph.Count].Read().ToDoubles()[0], _scalars[TrainingGraph.Correct].Read().ToDoubles()[0]);
    }

    /// <inheritdoc/>
    public RuntimeTensor Read(string name) => _tensors[name].Read();

    /// <inheritdoc/>
    public void Write(string name, RuntimeTensor tensor) => _tensors[name].Write(tensor);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable session in new IDisposable?[] { _first, _further, _updater, _evaluator, _backward, _update, _evaluation }.OfType<IDisposable>())
        {
            session.Dispose();
        }

        foreach (DeviceTensor tensor in _tensors.Values.Concat(_gradients.Values).Concat(_scalars.Values).Concat(_batches.Values.SelectMany(b => b.Values)))
        {
            tensor.Dispose();
        }

        _device.Dispose();
        _model.Dispose();
    }

    private static RuntimeTensor Zeros(ElementType type, IReadOnlyList<long> dims) =>
        new(type, dims, new byte[ElementTypes.ByteLength(type, dims.Aggregate(1L, (n, d) => checked(n * d)))]);

    private void SetScalar(string name, double value)
    {
        if (_scalars.TryGetValue(name, out DeviceTensor? scalar))
        {
            scalar.Write(RuntimeTensor.FromDoubles(scalar.ElementType, [], [value]));
        }
    }

    private BoundSession Bind(TrainingGraph graph)
    {
        BoundSession session = Load(graph.Model, _model.Values, graph.ValueOf);
        foreach (string input in session.Inputs)
        {
            if ((_tensors.GetValueOrDefault(input) ?? (input == TrainingGraph.Scale ? _scalars[input] : null)) is { } tensor)
            {
                session.BindInput(input, tensor);
            }
        }

        foreach (string output in session.Outputs)
        {
            session.BindOutput(output, _gradients.GetValueOrDefault(output) ?? _scalars[output]);
        }

        return session;
    }

    /// <summary>Loads a graph, for the CPU with chains of elementwise operators as one node each.</summary>
    private BoundSession Load(OnnxModel graph, ValueTable? values, IReadOnlyDictionary<string, string>? valueOf)
    {
        if (!_device.IsHost)
        {
            return new BoundSession(graph, _device);
        }

        using OnnxModel fused = ElementwiseFusion.Of(graph, values, valueOf ?? new Dictionary<string, string>());
        return new BoundSession(fused, _device);
    }

    private BoundSession BindFurther()
    {
        using TrainingGraph graph = TrainingGraph.Backward(_model, _loss, adds: true, _device.IsHost, _narrow);
        BoundSession session = Bind(graph);
        foreach (string parameter in graph.Reached)
        {
            session.BindInput(TrainingGraph.SumOf(parameter), _gradients[TrainingGraph.GradientOf(parameter)]);
        }

        return session;
    }

    private double Run(BoundSession session, IReadOnlyDictionary<string, RuntimeTensor> batch)
    {
        if (!_batches.TryGetValue(session, out Dictionary<string, DeviceTensor>? bound))
        {
            _batches.Add(session, bound = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal));
        }

        foreach (string name in DataInputs)
        {
            RuntimeTensor given = ITrainingEngine.TensorOf(batch, name);
            if (bound.TryGetValue(name, out DeviceTensor? known) && known.ElementType == given.ElementType && known.Dims.SequenceEqual(given.Dims))
            {
                known.Write(given);
                continue;
            }

            known?.Dispose();
            bound[name] = _device.Upload(given);
            session.BindInput(name, bound[name]);
        }

        session.Run();
        return _scalars[TrainingGraph.Loss].Read().ToDoubles()[0];
    }
}
