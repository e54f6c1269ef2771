namespace OnnxGrow.Onnx;

/// <summary>
/// The elements of one tensor, read on demand: a range of a file, a few bytes in memory, or a recipe that computes
/// them. Nothing here holds the whole of a large tensor, and every member may be called from several threads.
/// </summary>
public abstract class TensorData
{
    /// <summary>The type in which the elements are stored.</summary>
    public abstract ElementType ElementType { get; }

    /// <summary>The number of elements (not bytes).</summary>
    public abstract long Count { get; }

    /// <summary>The number of bytes of the stored form, little-endian, as in <c>raw_data</c>.</summary>
    public long ByteLength => ElementTypes.ByteLength(ElementType, Count);

    /// <summary>Copies <paramref name="destination"/>.Length stored bytes, starting at <paramref name="byteOffset"/>.</summary>
    public abstract void ReadBytes(long byteOffset, Span<byte> destination);

    /// <summary>
    /// Reads elements as float64, starting at element <paramref name="first"/>. Stored values convert exactly; a recipe
    /// gives its value before it is rounded to the stored type.
    /// </summary>
    public virtual void ReadDoubles(long first, Span<double> destination) =>
        ElementTypes.ReadStoredAsDoubles(this, first, destination);
}
