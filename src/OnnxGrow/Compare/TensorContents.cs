using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Compare;

/// <summary>Compares the elements of tensors, block by block, wherever they are stored.</summary>
internal static class TensorContents
{
    private const int BlockBytes = 1 << 16;

    /// <summary>Whether two tensors have the same type, shape and elements.</summary>
    public static bool AreSame(TensorProto a, OnnxModel ofA, TensorProto b, OnnxModel ofB)
    {
        if (a.DataType != b.DataType || !a.Dims.Equals(b.Dims))
        {
            return false;
        }

        // Strings have no bytes to compare; they stand in the message.
        return TensorSource.IsKnown(a) ? AreSame(ofA.DataOf(a), ofB.DataOf(b)) : a.StringData.Equals(b.StringData) && a.RawData == b.RawData;
    }

    private static bool AreSame(TensorData a, TensorData b)
    {
        if (a.ByteLength != b.ByteLength)
        {
            return false;
        }

        byte[] left = new byte[BlockBytes];
        byte[] right = new byte[BlockBytes];
        for (long at = 0; at < a.ByteLength; at += BlockBytes)
        {
            int length = (int)Math.Min(BlockBytes, a.ByteLength - at);
            a.ReadBytes(at, left.AsSpan(0, length));
            b.ReadBytes(at, right.AsSpan(0, length));
            if (!left.AsSpan(0, length).SequenceEqual(right.AsSpan(0, length)))
            {
                return false;
            }
        }

        return true;
    }
}
