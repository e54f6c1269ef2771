using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>Reads whole elements; <paramref name="destination"/> is a whole number of them.</summary>
internal delegate void ElementReader(long firstElement, Span<byte> destination);

/// <summary>Byte ranges of tensors that are computed element by element.</summary>
internal static class StoredForm
{
    /// <summary>Reads any range of bytes, also one that begins or ends within an element.</summary>
    public static void ReadBytes(TensorData data, long byteOffset, Span<byte> destination, ElementReader read)
    {
        CheckRange(byteOffset, destination.Length, data.ByteLength);
        int size = ElementTypes.Bits(data.ElementType) / 8;
        Span<byte> element = stackalloc byte[size];
        int within = (int)(byteOffset % size);
        if (within > 0)
        {
            read(byteOffset / size, element);
            int head = Math.Min(size - within, destination.Length);
            element.Slice(within, head).CopyTo(destination);
            destination = destination[head..];
            byteOffset += head;
        }

        int tail = destination.Length % size;
        int whole = destination.Length - tail;
        if (whole > 0)
        {
            read(byteOffset / size, destination[..whole]);
        }

        if (tail > 0)
        {
            read((byteOffset + whole) / size, element);
            element[..tail].CopyTo(destination[whole..]);
        }
    }

    /// <summary>Checks that a range lies within a length.</summary>
    public static void CheckRange(long first, int count, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, length - count);
    }
}
