namespace OnnxGrow.Onnx;

/// <summary>A run of another tensor's elements.</summary>
internal sealed class SliceTensorData : TensorData
{
    private readonly long _first;

    /// <param name="whole">The tensor; its elements take whole bytes.</param>
    /// <param name="first">The first element of the run.</param>
    /// <param name="count">The number of elements.</param>
    public SliceTensorData(TensorData whole, long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, whole.Count - first);
        Whole = whole;
        _first = first;
        Count = count;
    }

    /// <summary>The tensor that the run is of.</summary>
    public TensorData Whole { get; }

    /// <inheritdoc/>
    public override ElementType ElementType => Whole.ElementType;

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, ByteLength - destination.Length);
        Whole.ReadBytes(ElementTypes.ByteLength(ElementType, _first) + byteOffset, destination);
    }

    /// <inheritdoc/>
    public override void ReadDoubles(long first, Span<double> destination) => Whole.ReadDoubles(_first + first, destination);
}
