using System.Runtime.InteropServices;

namespace OnnxGrow.Onnx;

/// <summary>Elements in memory, for the small tensors that code makes.</summary>
public sealed class MemoryTensorData : TensorData
{
    private readonly ReadOnlyMemory<byte> bytes;

    /// <summary>Elements of a type as their stored, little-endian bytes, which must not change afterwards.</summary>
    public MemoryTensorData(ElementType elementType, ReadOnlyMemory<byte> bytes)
        : this(elementType, bytes, CountOf(elementType, bytes.Length))
    {
    }

    internal MemoryTensorData(ElementType elementType, ReadOnlyMemory<byte> bytes, long count)
    {
        if (ElementTypes.Bits(elementType) == 0 || ElementTypes.ByteLength(elementType, count) != bytes.Length)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{bytes.Length} bytes are not {count} elements of type {elementType}"), nameof(bytes));
        }

        ElementType = elementType;
        Count = count;
        this.bytes = bytes;
    }

    /// <inheritdoc/>
    public override ElementType ElementType { get; }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <summary>The stored bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>A copy of float32 values.</summary>
    public static MemoryTensorData From(float[] values) => new(ElementType.Float32, BytesOf<float>(values));

    /// <summary>A copy of float64 values.</summary>
    public static MemoryTensorData From(double[] values) => new(ElementType.Float64, BytesOf<double>(values));

    /// <summary>A copy of int64 values.</summary>
    public static MemoryTensorData From(long[] values) => new(ElementType.Int64, BytesOf<long>(values));

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination) =>
        bytes.Span.Slice(checked((int)byteOffset), destination.Length).CopyTo(destination);

    private static byte[] BytesOf<T>(T[] values)
        where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();

    private static long CountOf(ElementType type, int length)
    {
        int bits = ElementTypes.Bits(type);
        return bits == 0 ? 0 : length * 8L / bits;
    }
}
