using OnnxGrow.Onnx;
using OnnxGrow.TorchSharp.Graph;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.TorchSharp;

/// <summary>
/// An ONNX model as a module of TorchSharp: its weights are parameters under the names they have in the file, its nodes run as
/// operators that autograd knows, and <see cref="SaveOnnx"/> writes the model back with the weights as they are.
/// </summary>
/// <remarks>
/// `forward` takes tensors by the names of the model's inputs and gives them by the names of its outputs. Use it within a dispose
/// scope (`torch.NewDisposeScope()`), one a step. Models of float16 and bfloat16 are computed in float32.
/// </remarks>
public sealed class OnnxModule : torch.nn.Module<IReadOnlyDictionary<string, Tensor>, IReadOnlyDictionary<string, Tensor>>
{
    private readonly OnnxModel? _source;
    private readonly TrainableModel _model;
    private readonly TorchGraph _graph;
    private readonly Dictionary<string, ElementType> _floats;

    /// <summary>Makes a module of a model, which may be disposed afterwards.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Device and so on; null for the defaults.</param>
    /// <exception cref="CannotTrainException">The model has nothing to train, or operators that TorchSharp has no counterpart of.</exception>
    public OnnxModule(OnnxModel model, OnnxModuleOptions? options = null)
        : this(options ?? new OnnxModuleOptions(), Separated(model))
    {
    }

    private OnnxModule(OnnxModuleOptions options, OnnxModel source)
        : this(Prepared(source, options), options.Device ?? torch.CPU) => _source = source;

    /// <summary>Makes a module of a prepared model.</summary>
    /// <param name="model">The model, which is disposed with the module.</param>
    /// <param name="device">Where it computes.</param>
    internal OnnxModule(TrainableModel model, Device device)
        : base(nameof(OnnxModule))
    {
        _model = model;
        WeightNames = model.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        _graph = new TorchGraph(model.Forward, WeightNames);
        _floats = model.Forward.Proto.Graph.Input
            .Select(i => (i.Name, Type: (ElementType)(i.Type?.TensorType?.ElemType ?? 0)))
            .Where(i => ElementTypes.IsGrowable(i.Type))
            .ToDictionary(i => i.Name, i => i.Type, StringComparer.Ordinal);
        InputNames = [.. _graph.Inputs.Where(i => !WeightNames.Contains(i) && !_graph.Constants.Has(i))];
        OutputNames = _graph.Outputs;
        using DisposeScope scope = torch.NewDisposeScope();
        foreach (Training.Preparation.Parameter parameter in model.Parameters)
        {
            Tensor elements = TorchTypes.FromData(model.DataOf(parameter), parameter.Dims).to(device);
            var weight = new global::TorchSharp.Modules.Parameter(elements);
            weight.DetachFromDisposeScope();
            register_parameter(parameter.Name, weight);
        }
    }

    /// <summary>The model's inputs.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>The model's outputs.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Tensors of floats that are no parameters, and why.</summary>
    public IReadOnlyList<FrozenTensor> Frozen => _model.Frozen;

    /// <summary>Tensors of the file that are computed from a parameter: output layers that share the table of tokens.</summary>
    public IReadOnlyList<TiedWeight> Ties => _model.Ties;

    /// <summary>The names of the parameters.</summary>
    internal IReadOnlySet<string> WeightNames { get; }

    /// <summary>Where it computes.</summary>
    internal Device Device => parameters(false).First().device;

    /// <summary>Reads a module from an ONNX file.</summary>
    /// <exception cref="BadInputException">The file is missing or no ONNX model.</exception>
    /// <exception cref="CannotTrainException">The model has nothing to train, or operators that TorchSharp has no counterpart of.</exception>
    public static OnnxModule LoadOnnx(string path, OnnxModuleOptions? options = null)
    {
        using OnnxModel model = OnnxModel.Open(path);
        return new OnnxModule(model, options);
    }

    /// <summary>Runs the model.</summary>
    /// <param name="input">A tensor for each of <see cref="InputNames"/>.</param>
    /// <returns>A tensor for each of <see cref="OutputNames"/>.</returns>
    public override IReadOnlyDictionary<string, Tensor> forward(IReadOnlyDictionary<string, Tensor> input) => Run(_graph, input);

    /// <summary>Writes the model to an ONNX file, its own graph with the weights as they are now, in the types they were stored in.</summary>
    /// <param name="path">The file.</param>
    public void SaveOnnx(string path)
    {
        if (_source is null)
        {
            throw new InvalidOperationException("a module that a training engine has made is saved by the engine's trainer");
        }

        using OnnxModel written = _source.Clone();
        var weights = named_parameters(false).ToDictionary(p => p.name, p => (Tensor)p.parameter, StringComparer.Ordinal);
        TrainedModel.PutBack(written, [.. weights.Keys], name => TorchTypes.ToRuntime(weights[name]), _model.Ties);
        written.Save(path);
    }

    /// <summary>Runs a graph that reads the parameters.</summary>
    internal IReadOnlyDictionary<string, Tensor> Run(TorchGraph graph, IReadOnlyDictionary<string, Tensor> input)
    {
        Device device = Device;
        var given = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in input)
        {
            Tensor there = tensor.device.type == device.type ? tensor : tensor.to(device);
            bool widened = _floats.TryGetValue(name, out ElementType type) && there.is_floating_point() && there.dtype != TorchTypes.Of(type);
            given[name] = widened ? there.to_type(TorchTypes.Of(type)) : there;
        }

        foreach ((string name, global::TorchSharp.Modules.Parameter parameter) in named_parameters(false))
        {
            given[name] = parameter;
        }

        return GraphRun.Of(graph, given, device);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _graph.Dispose();
            _model.Dispose();
            _source?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static TrainableModel Prepared(OnnxModel source, OnnxModuleOptions options)
    {
        try
        {
            return TrainableModel.Of(source, options.Example ?? ExampleInputs.Of(source), options.Weights);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>A copy in which weights that the file has once for several are apart.</summary>
    private static OnnxModel Separated(OnnxModel model)
    {
        OnnxModel source = model.Clone();
        SharedConstants.Separate(source);
        return source;
    }
}
