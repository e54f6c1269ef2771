using OnnxGrow.Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>
/// Tensors of a graph that are no weights. Shapes, axes and numbers are asked for in the host's memory, others where the model
/// computes; either copy is made when it is first asked for.
/// </summary>
internal sealed class GraphConstants : IDisposable
{
    private readonly Dictionary<string, Func<Tensor>> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _host = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _moved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _integers = new(StringComparer.Ordinal);
    private Device? _device;

    /// <summary>Adds a tensor; where a file has several of a name, the last counts, as it does for ONNX Runtime.</summary>
    public void Add(string name, TensorData data, IReadOnlyList<long> dims) => _sources[name] = () => TorchTypes.FromData(data, dims);

    /// <summary>Whether a value is one of them.</summary>
    public bool Has(string name) => _sources.ContainsKey(name);

    /// <summary>A constant in the host's memory.</summary>
    public Tensor Host(string name)
    {
        if (!_host.TryGetValue(name, out Tensor? tensor))
        {
            _host.Add(name, tensor = _sources[name]().DetachFromDisposeScope());
        }

        return tensor;
    }

    /// <summary>A constant on a device.</summary>
    public Tensor On(string name, Device device)
    {
        if (TorchVersion.IsHost(device))
        {
            return Host(name);
        }

        if (_device is null || _device.type != device.type || _device.index != device.index)
        {
            Release(_moved);
            _device = device;
        }

        if (!_moved.TryGetValue(name, out Tensor? tensor))
        {
            _moved.Add(name, tensor = Host(name).to(device).DetachFromDisposeScope());
        }

        return tensor;
    }

    /// <summary>The elements of a constant of integers.</summary>
    public long[] Integers(string name)
    {
        if (!_integers.TryGetValue(name, out long[]? values))
        {
            _integers.Add(name, values = HostValues.Integers(Host(name)));
        }

        return values;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release(_host);
        Release(_moved);
    }

    private static void Release(Dictionary<string, Tensor> tensors)
    {
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        tensors.Clear();
    }
}
