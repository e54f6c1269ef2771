using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>
/// One run of a graph. Values are released when nothing reads them any more (autograd keeps what it needs by itself), and what
/// stays belongs to the caller's dispose scope.
/// </summary>
internal sealed class GraphRun
{
    private readonly TorchGraph _graph;
    private readonly GraphRun? _outer;
    private readonly Dictionary<string, Tensor> _values = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, Tensor>? _known;
    private Dictionary<string, Tensor>? _keeping;

    private GraphRun(TorchGraph graph, GraphRun? outer, Device device)
    {
        _graph = graph;
        _outer = outer;
        Device = device;
    }

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>Runs a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="given">Inputs and weights by name, where the model computes.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="take">Called with every output as soon as it is there; may change inputs with it. What it takes is not kept.</param>
    /// <returns>The outputs that are kept.</returns>
    public static IReadOnlyDictionary<string, Tensor> Of(
        TorchGraph graph, IReadOnlyDictionary<string, Tensor> given, Device device, Func<string, Tensor, bool>? take = null)
    {
        var run = new GraphRun(graph, null, device);
        foreach ((string name, Tensor tensor) in given)
        {
            run._values[name] = tensor;
        }

        run.RecallFixed(given);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        run.RunNodes(take is null ? null : (name, tensor) => graph.IsOutput(name) && take(name, tensor) && taken.Add(name));
        return graph.Outputs.Where(o => !taken.Contains(o)).Distinct().ToDictionary(o => o, o => run.Find(o, device), StringComparer.Ordinal);
    }

    /// <summary>A value, moved to a device if it is not there.</summary>
    public Tensor Find(string name, Device device)
    {
        if (Value(name) is { } tensor)
        {
            return tensor.device.type == device.type ? tensor : tensor.to(device);
        }

        if (_graph.Constants.Has(name))
        {
            return _graph.Constants.On(name, device);
        }

        return _outer?.Find(name, device) ?? throw new BadInputException(ErrorCode.Data, $"no tensor is given for the input '{Text.Name(name)}'");
    }

    /// <summary>Whether a value is in the host's memory; constants are, if they are wanted there.</summary>
    public bool IsOnHost(string name) => Value(name) is { } tensor
        ? TorchVersion.IsHost(tensor.device)
        : _graph.Constants.Has(name) || _outer is null || _outer.IsOnHost(name);

    /// <summary>The elements of a value of integers.</summary>
    public long[] Integers(string name) => Value(name) is { } tensor ? HostValues.Integers(tensor)
        : _graph.Constants.Has(name) ? _graph.Constants.Integers(name)
        : _outer?.Integers(name) ?? throw new BadInputException(ErrorCode.Data, $"no tensor is given for the input '{Text.Name(name)}'");

    /// <summary>The elements of a tensor of the model.</summary>
    public TensorData DataOf(TensorProto tensor) => _graph.DataOf(tensor);

    /// <summary>Runs a graph inside a node.</summary>
    public Tensor[] Inner(GraphProto graph, IReadOnlyList<Tensor> inputs)
    {
        TorchGraph inner = _graph.Inner(graph);
        var run = new GraphRun(inner, this, Device);
        for (int i = 0; i < inputs.Count; i++)
        {
            run._values[inner.Inputs[i]] = inputs[i];
        }

        run.RunNodes(null);
        var handed = new HashSet<string>(StringComparer.Ordinal);
        return [.. inner.Outputs.Select(o =>
        {
            Tensor output = run.Find(o, run.IsOnHost(o) ? torch.CPU : Device);
            return inner.Makes(o) && handed.Add(o) ? output : output.alias();
        })];
    }

    /// <summary>Takes up what an earlier run has found for inputs of the same extents; the first begins to keep it.</summary>
    private void RecallFixed(IReadOnlyDictionary<string, Tensor> given)
    {
        if (_graph.Fixed.Count == 0)
        {
            return;
        }

        string extents = Device + string.Join(';', _graph.Inputs.Where(given.ContainsKey).Select(i => string.Join(',', given[i].shape)));
        _known = _graph.FixedRuns.Find(extents);
        _keeping = _known is null ? _graph.FixedRuns.Begin(extents) : null;
    }

    private Tensor? Value(string name) =>
        _values.GetValueOrDefault(name) ?? _known?.GetValueOrDefault(name) ?? _keeping?.GetValueOrDefault(name);

    private void RunNodes(Func<string, Tensor, bool>? take)
    {
        for (int i = 0; i < _graph.Nodes.Count; i++)
        {
            bool isFixed = _graph.Fixed.Contains(i);
            if (!isFixed || _known is null)
            {
                RunNode(_graph.Nodes[i], isFixed ? _keeping : null, take);
            }

            foreach (string name in _graph.LastRead[i])
            {
                if (_values.Remove(name, out Tensor? tensor))
                {
                    tensor.Dispose();
                }
            }
        }
    }

    private void RunNode(NodeProto node, Dictionary<string, Tensor>? keeping, Func<string, Tensor, bool>? take)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var call = new OperatorCall(node, this);
        Tensor[] outputs = OperatorTable.Of(node)!.Run(call);
        for (int o = 0; o < Math.Min(outputs.Length, node.Output.Count); o++)
        {
            if (node.Output[o].Length == 0)
            {
                continue;
            }

            // A value has one owner: what an operator hands through is the same elements under another handle.
            Tensor output = call.IsInput(outputs[o]) ? outputs[o].alias() : outputs[o];
            if (keeping is not null)
            {
                keeping[node.Output[o]] = output.DetachFromDisposeScope();
            }
            else if (take?.Invoke(node.Output[o], output) != true)
            {
                _values[node.Output[o]] = output.MoveToOuterDisposeScope();
            }
        }
    }
}
