using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Data;

/// <summary>The memory of a batch while its samples are written.</summary>
internal sealed class BatchBuffers(IReadOnlyList<DataField> fields, int samples)
{
    private readonly byte[][] _bytes = [.. fields.Select(f => new byte[checked(f.SampleBytes * samples)])];
    private readonly Memory<byte>[] _row = new Memory<byte>[fields.Count];

    /// <summary>The room of one sample, valid until the next is asked for.</summary>
    public Span<Memory<byte>> Row(int sample)
    {
        for (int f = 0; f < fields.Count; f++)
        {
            _row[f] = _bytes[f].AsMemory(sample * fields[f].SampleBytes, fields[f].SampleBytes);
        }

        return _row;
    }

    public Batch ToBatch()
    {
        var tensors = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        for (int f = 0; f < fields.Count; f++)
        {
            tensors.Add(fields[f].Name, new RuntimeTensor(fields[f].ElementType, [samples, .. fields[f].SampleDims], _bytes[f]));
        }

        return new Batch(samples, tensors);
    }
}
