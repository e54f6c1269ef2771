namespace OnnxGrow.TorchSharp.Graph;

/// <summary>The values that depend on extents alone, kept for the last few sets of extents.</summary>
internal sealed class FixedRuns : IDisposable
{
    private const int Most = 8;

    private readonly Dictionary<string, Dictionary<string, Tensor>> _runs = new(StringComparer.Ordinal);

    /// <summary>What is kept for inputs of these extents; null where nothing is yet.</summary>
    public IReadOnlyDictionary<string, Tensor>? Find(string extents) => _runs.GetValueOrDefault(extents);

    /// <summary>Begins to keep values for inputs of these extents.</summary>
    public Dictionary<string, Tensor> Begin(string extents)
    {
        if (_runs.Count >= Most)
        {
            Dispose();
        }

        return _runs[extents] = new Dictionary<string, Tensor>(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _runs.Values.SelectMany(r => r.Values))
        {
            tensor.Dispose();
        }

        _runs.Clear();
    }
}
