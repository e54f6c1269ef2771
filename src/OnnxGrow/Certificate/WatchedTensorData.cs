using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>A tensor whose reading can be watched and stopped.</summary>
internal sealed class WatchedTensorData(TensorData data, WorkProgress? progress, CancellationToken cancellation) : TensorData
{
    /// <inheritdoc/>
    public override ElementType ElementType => data.ElementType;

    /// <inheritdoc/>
    public override long Count => data.Count;

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        cancellation.ThrowIfCancellationRequested();
        data.ReadBytes(byteOffset, destination);
        progress?.Add(destination.Length);
    }

    /// <inheritdoc/>
    public override void ReadDoubles(long first, Span<double> destination)
    {
        cancellation.ThrowIfCancellationRequested();
        data.ReadDoubles(first, destination);
    }
}
