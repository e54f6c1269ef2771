using System.Buffers;
using System.Security.Cryptography;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>Short checksums of tensors: the first eight bytes of the SHA-256 of what is stored. They find changes, not forgers.</summary>
internal static class Checksum
{
    /// <summary>Length of a checksum in characters.</summary>
    public const int Length = 16;

    private const int BlockBytes = 1 << 20;

    /// <summary>The checksum of a tensor, in lower-case hexadecimal.</summary>
    public static string Of(TensorData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = ArrayPool<byte>.Shared.Rent((int)Math.Min(BlockBytes, Math.Max(1, data.ByteLength)));
        try
        {
            for (long at = 0; at < data.ByteLength; at += BlockBytes)
            {
                Span<byte> bytes = block.AsSpan(0, (int)Math.Min(BlockBytes, data.ByteLength - at));
                data.ReadBytes(at, bytes);
                hash.AppendData(bytes);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Length / 2));
    }
}
