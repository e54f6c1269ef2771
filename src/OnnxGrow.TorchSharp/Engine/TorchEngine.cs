using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TorchSharp.Graph;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.TorchSharp.Engine;

/// <summary>
/// Training on TorchSharp. Loss and update are the very graphs that the engine on ONNX Runtime has, run by TorchSharp's operators;
/// the gradients are autograd's. All tensors of a step belong to one dispose scope.
/// </summary>
internal sealed class TorchEngine : ITrainingEngine
{
    private readonly TrainableModel _model;
    private readonly ILoss _loss;
    private readonly UpdateOptions _options;
    private readonly OnnxModule _module;
    private readonly TrainingGraph _lossModel;
    private readonly TorchGraph _training;
    private readonly TorchGraph _evaluation;
    private readonly OptimizerGraph _updateModel;
    private readonly TorchGraph _update;
    private readonly ElementType _type;
    private readonly string[] _trained;
    private readonly Dictionary<string, string> _targets;
    private readonly Dictionary<string, Tensor> _weights;
    private readonly Dictionary<string, Tensor> _state = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _gradients = new(StringComparer.Ordinal);

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The prepared model; it is disposed with the engine.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="options">The update.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="CannotTrainException">TorchSharp has no counterpart of something.</exception>
    public TorchEngine(TrainableModel model, ILoss loss, UpdateOptions options, Device device)
    {
        _model = model;
        _loss = loss;
        _options = options;
        _type = model.FloatType;
        _module = new OnnxModule(model, device);
        _lossModel = TrainingGraph.Evaluation(model, _loss);
        _training = new TorchGraph(_lossModel.Model, _module.WeightNames, [TrainingGraph.Loss]);
        _evaluation = new TorchGraph(_lossModel.Model, _module.WeightNames, [TrainingGraph.Loss, TrainingGraph.Count, TrainingGraph.Correct]);
        IReadOnlySet<string> reached = Dependence.Reaching(
            [.. _lossModel.Model.Proto.Graph.Node], [TrainingGraph.Loss], _module.WeightNames, model.Values);
        Parameter[] trained = [.. model.Parameters.Where(p => reached.Contains(p.Name))];
        _trained = [.. trained.Select(p => p.Name)];
        _updateModel = options.GraphOf(trained, _type);
        _update = new TorchGraph(_updateModel.Model, new HashSet<string>());
        _targets = _updateModel.Next.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal);
        _weights = _module.named_parameters(false).ToDictionary(p => p.name, p => (Tensor)p.parameter, StringComparer.Ordinal);
        foreach ((Parameter parameter, string name) in _updateModel.State)
        {
            _state.Add(UpdateEmitter.NameOf(parameter, name), torch.zeros_like(_weights[parameter.Name]).DetachFromDisposeScope());
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> DataInputs => _lossModel.DataInputs;

    /// <inheritdoc/>
    public IReadOnlyList<string> TensorNames => [.. _model.Parameters.Select(p => p.Name), .. _state.Keys];

    /// <summary>Always 1: this engine computes in float32.</summary>
    public double LossScale
    {
        get => 1;
        set => ArgumentOutOfRangeException.ThrowIfNotEqual(value, 1);
    }

    /// <inheritdoc/>
    public IReadOnlyList<double> Accumulate(IReadOnlyList<IReadOnlyDictionary<string, RuntimeTensor>> batches)
    {
        using DisposeScope step = torch.NewDisposeScope();
        double[] losses = new double[batches.Count];
        ReleaseGradients();
        Tensor[] weights = [.. _trained.Select(n => _weights[n])];
        for (int i = 0; i < batches.Count; i++)
        {
            Tensor loss = _module.Run(_training, Inputs(batches[i]))[TrainingGraph.Loss];
            losses[i] = HostValues.Doubles(loss)[0];
            Tensor?[] gradients = TorchVersion.Gradients(batches.Count == 1 ? loss : loss / batches.Count, weights);
            for (int w = 0; w < gradients.Length; w++)
            {
                Add(_trained[w], gradients[w] ?? torch.zeros_like(weights[w]));
            }
        }

        return losses;
    }

    /// <inheritdoc/>
    public double Update(long step, double rate)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable frozen = torch.no_grad();
        var given = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [OptimizerGraph.Rate] = Number(rate) };
        foreach ((string name, double value) in _options.NumbersAt(step))
        {
            given[name] = Number(value);
        }

        foreach ((string name, Tensor tensor) in _weights.Concat(_state))
        {
            given[name] = tensor;
        }

        foreach (string name in _trained)
        {
            given[TrainingGraph.GradientOf(name)] = _gradients.GetValueOrDefault(name)
                ?? throw new InvalidOperationException("an update asks for gradients: accumulate some first");
        }

        IReadOnlyDictionary<string, Tensor> left = GraphRun.Of(_update, given, _module.Device, Replace);
        return HostValues.Doubles(left[OptimizerGraph.Norm])[0];
    }

    /// <inheritdoc/>
    public (double Loss, double Count, double Correct) Evaluate(IReadOnlyDictionary<string, RuntimeTensor> batch)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable frozen = torch.no_grad();
        IReadOnlyDictionary<string, Tensor> found = _module.Run(_evaluation, Inputs(batch));
        double Of(string name) => HostValues.Doubles(found[name])[0];
        return (Of(TrainingGraph.Loss), Of(TrainingGraph.Count), Of(TrainingGraph.Correct));
    }

    /// <inheritdoc/>
    public RuntimeTensor Read(string name) => TorchTypes.ToRuntime(Tensor(name));

    /// <inheritdoc/>
    public void Write(string name, RuntimeTensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable frozen = torch.no_grad();
        Tensor(name).copy_(TorchTypes.FromRuntime(tensor));
    }

    /// <summary>A weight's gradient, for checks.</summary>
    internal RuntimeTensor GradientOf(string weight) => TorchTypes.ToRuntime(_gradients[weight]);

    /// <inheritdoc/>
    public void Dispose()
    {
        ReleaseGradients();
        foreach (Tensor tensor in _state.Values)
        {
            tensor.Dispose();
        }

        foreach (IDisposable part in new IDisposable[] { _training, _evaluation, _update, _lossModel, _updateModel, _module })
        {
            part.Dispose();
        }
    }

    private Tensor Tensor(string name) => _weights.GetValueOrDefault(name) ?? _state[name];

    /// <summary>What the update has computed takes the place of what it is made of, weight by weight.</summary>
    private bool Replace(string output, Tensor value)
    {
        if (!_targets.TryGetValue(output, out string? target))
        {
            return false;
        }

        Tensor(target).copy_(value);
        return true;
    }

    private void Add(string weight, Tensor gradient)
    {
        if (_gradients.TryGetValue(weight, out Tensor? sum))
        {
            sum.add_(gradient);
            return;
        }

        _gradients.Add(weight, gradient.DetachFromDisposeScope());
    }

    private void ReleaseGradients()
    {
        foreach (Tensor tensor in _gradients.Values)
        {
            tensor.Dispose();
        }

        _gradients.Clear();
    }

    private Tensor Number(double value) => torch.full([], value, TorchTypes.Of(_type), _module.Device);

    private Dictionary<string, Tensor> Inputs(IReadOnlyDictionary<string, RuntimeTensor> batch)
    {
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (string name in DataInputs)
        {
            inputs.Add(name, TorchTypes.FromRuntime(ITrainingEngine.TensorOf(batch, name)));
        }

        return inputs;
    }
}
