using System.Buffers;
using System.IO.Compression;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>Bytes as text for a model's metadata: compressed, then base64. Reading trusts nothing.</summary>
internal static class SkeletonText
{
    /// <summary>Most bytes of a source graph, before compression.</summary>
    public const int MaxBytes = 256 << 20;

    // The encoder of the runtime has one form a setting; the higher ones take seconds for a large graph.
    private const int Quality = 9;
    private const int Window = 22;

    /// <summary>The text for some bytes.</summary>
    public static string Encode(byte[] bytes)
    {
        byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        return BrotliEncoder.TryCompress(bytes, compressed, out int length, Quality, Window)
            ? Convert.ToBase64String(compressed, 0, length)
            : throw new InvalidOperationException("a buffer of the maximal compressed length was too short");
    }

    /// <summary>The bytes of a text; stops at <paramref name="limit"/>, however small what holds them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">What it is part of, for messages.</param>
    /// <param name="limit">Most bytes to give.</param>
    /// <exception cref="BadInputException">It is none that <see cref="Encode"/> gave, or holds more.</exception>
    public static byte[] Decode(string text, string where, int limit = MaxBytes)
    {
        byte[] compressed = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(text, compressed, out int length))
        {
            throw Damaged(where, "is not base64");
        }

        var decoder = default(BrotliDecoder);
        var output = new ArrayBufferWriter<byte>();
        ReadOnlySpan<byte> rest = compressed.AsSpan(0, length);
        try
        {
            while (true)
            {
                OperationStatus status = decoder.Decompress(rest, output.GetSpan(1 << 16), out int read, out int written);
                output.Advance(written);
                rest = rest[read..];
                if (output.WrittenCount > limit)
                {
                    throw new BadInputException(
                        ErrorCode.Metadata, $"{where} unpacks to more than {Text.Bytes(limit)}; no graph without its weights is so large, so it is not OnnxGrow's");
                }

                switch (status)
                {
                    case OperationStatus.Done:
                        return rest.IsEmpty ? output.WrittenSpan.ToArray() : throw Damaged(where, "goes on after its end");
                    case OperationStatus.DestinationTooSmall:
                        break;
                    default:
                        throw Damaged(where, status == OperationStatus.NeedMoreData ? "is cut short" : "cannot be unpacked");
                }
            }
        }
        finally
        {
            decoder.Dispose();
        }
    }

    private static BadInputException Damaged(string where, string how) =>
        new($"{where} {how}; it was damaged after the growth, and without it nothing can be shrunk: take the source, or grow it again");
}
