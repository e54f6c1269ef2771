namespace OnnxGrow.Onnx;

/// <summary>The leading block of another tensor: along each axis, its first entries.</summary>
internal sealed class LeadingTensorData : TensorData
{
    private readonly TensorData _whole;
    private readonly long[] _wholeDims;
    private readonly long[] _dims;
    private readonly int _size;

    /// <param name="whole">The tensor; its elements take whole bytes.</param>
    /// <param name="wholeDims">Its shape.</param>
    /// <param name="dims">The block's shape: of the same rank, along no axis longer.</param>
    public LeadingTensorData(TensorData whole, IEnumerable<long> wholeDims, IEnumerable<long> dims)
    {
        _whole = whole;
        _wholeDims = [.. wholeDims];
        _dims = [.. dims];
        if (!Fits(_wholeDims, _dims))
        {
            throw new ArgumentException($"[{string.Join(", ", _dims)}] is no block of [{string.Join(", ", _wholeDims)}]", nameof(dims));
        }

        _size = (int)ElementTypes.ByteLength(whole.ElementType, 1);
        Count = _dims.Aggregate(1L, (p, d) => p * d);
    }

    /// <inheritdoc/>
    public override ElementType ElementType => _whole.ElementType;

    /// <inheritdoc/>
    public override long Count { get; }

    /// <summary>Whether a shape is that of a leading block of another.</summary>
    public static bool Fits(IReadOnlyList<long> wholeDims, IReadOnlyList<long> dims) =>
        wholeDims.Count == dims.Count && dims.Zip(wholeDims).All(d => d.First <= d.Second);

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, ByteLength - destination.Length);
        long row = _dims.Length == 0 ? _size : _dims[^1] * _size;
        while (!destination.IsEmpty)
        {
            int length = (int)Math.Min(row - (byteOffset % row), destination.Length);
            _whole.ReadBytes((Start(byteOffset / row) * _size) + (byteOffset % row), destination[..length]);
            destination = destination[length..];
            byteOffset += length;
        }
    }

    // The element of the whole at which a row of the block starts.
    private long Start(long row)
    {
        long start = 0;
        long stride = _dims.Length == 0 ? 1 : _wholeDims[^1];
        for (int a = _dims.Length - 2; a >= 0; a--)
        {
            start += row % _dims[a] * stride;
            row /= _dims[a];
            stride *= _wholeDims[a];
        }

        return start;
    }
}
