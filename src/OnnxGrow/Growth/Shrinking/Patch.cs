using System.Buffers.Binary;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// What rounding cost a source tensor on its way through growth and back: for each element the distance between two stored
/// forms, in units in the last place. Nearly all are 0, 1 or -1, so that a patch takes next to no room when it is compressed.
/// </summary>
internal static class Patch
{
    /// <summary>Larger tensors come back within rounding only.</summary>
    public const long MaxBytes = 1 << 20;

    /// <summary>The patch that leads from one form to the other; null where they are the same.</summary>
    public static byte[]? Between(TensorData from, TensorData to)
    {
        byte[] left = BytesOf(from);
        byte[] right = BytesOf(to);
        if (left.AsSpan().SequenceEqual(right))
        {
            return null;
        }

        Add(right, left, ElementTypes.Bits(from.ElementType) / 8, -1);
        return right;
    }

    /// <summary>The form that a patch leads to.</summary>
    public static MemoryTensorData Apply(TensorData from, byte[] patch)
    {
        byte[] bytes = BytesOf(from);
        Add(bytes, patch, ElementTypes.Bits(from.ElementType) / 8, 1);
        return new MemoryTensorData(from.ElementType, bytes);
    }

    private static byte[] BytesOf(TensorData data)
    {
        byte[] bytes = new byte[data.ByteLength];
        data.ReadBytes(0, bytes);
        return bytes;
    }

    /// <summary>Adds integers of the elements' size, or subtracts them; what overflows wraps around, and back.</summary>
    private static void Add(Span<byte> to, ReadOnlySpan<byte> what, int size, int sign)
    {
        for (int at = 0; at < to.Length; at += size)
        {
            Span<byte> a = to.Slice(at, size);
            ReadOnlySpan<byte> b = what.Slice(at, size);
            switch (size)
            {
                case 2:
                    BinaryPrimitives.WriteInt16LittleEndian(a, unchecked((short)(BinaryPrimitives.ReadInt16LittleEndian(a) + (sign * BinaryPrimitives.ReadInt16LittleEndian(b)))));
                    break;
                case 4:
                    BinaryPrimitives.WriteInt32LittleEndian(a, unchecked(BinaryPrimitives.ReadInt32LittleEndian(a) + (sign * BinaryPrimitives.ReadInt32LittleEndian(b))));
                    break;
                default:
                    BinaryPrimitives.WriteInt64LittleEndian(a, unchecked(BinaryPrimitives.ReadInt64LittleEndian(a) + (sign * BinaryPrimitives.ReadInt64LittleEndian(b))));
                    break;
            }
        }
    }
}
