using System.Buffers;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>Reads whole elements; <paramref name="destination"/> is a whole number of them.</summary>
internal delegate void ElementReader(long firstElement, Span<byte> destination);

/// <summary>Byte ranges of tensors that are computed element by element.</summary>
internal static class StoredForm
{
    private const int BlockLength = 4096;

    /// <summary>Reads any range of bytes of elements that are computed in float64 and rounded to their type.</summary>
    public static void ReadRounded(TensorData data, long byteOffset, Span<byte> destination) =>
        ReadBytes(data, byteOffset, destination, (first, elements) => Round(data, first, elements));

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

    private static void Round(TensorData data, long first, Span<byte> destination)
    {
        int size = ElementTypes.Bits(data.ElementType) / 8;
        double[] buffer = ArrayPool<double>.Shared.Rent(BlockLength);
        try
        {
            while (destination.Length > 0)
            {
                Span<double> values = buffer.AsSpan(0, Math.Min(BlockLength, destination.Length / size));
                data.ReadDoubles(first, values);
                ElementTypes.FromDoubles(data.ElementType, values, destination);
                destination = destination[(values.Length * size)..];
                first += values.Length;
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(buffer);
        }
    }

    /// <summary>Checks that a range lies within a length.</summary>
    public static void CheckRange(long first, int count, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, length - count);
    }
}
