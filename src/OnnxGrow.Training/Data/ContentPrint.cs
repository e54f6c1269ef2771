using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OnnxGrow.Training.Data;

/// <summary>
/// Tells whether data are those that a run began with: a hash of all bytes where they are few, and else of every length and of
/// blocks at equal distances, which other data hardly share.
/// </summary>
internal static class ContentPrint
{
    /// <summary>So many bytes are read, at most.</summary>
    public const long MostRead = 256L << 20;

    private const int Block = 1 << 16;

    /// <summary>Fills a span with what lies from a place on.</summary>
    public delegate void ReadAt(Span<byte> into, long at);

    /// <summary>The print of some files, one after the other.</summary>
    /// <param name="files">How long each is, and what reads it.</param>
    /// <param name="most">How many bytes are read, at most.</param>
    public static string Of(IReadOnlyList<(long Length, ReadAt Read)> files, long most = MostRead)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(long)];
        long total = 0;
        foreach ((long length, _) in files)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, length);
            hash.AppendData(number);
            total += length;
        }

        byte[] buffer = new byte[Block];
        if (total <= most)
        {
            foreach ((long length, ReadAt read) in files)
            {
                for (long at = 0; at < length; at += Block)
                {
                    Add(hash, buffer, read, at, length);
                }
            }
        }
        else
        {
            AddSamples(hash, buffer, files, total, Math.Max(2, most / Block));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Blocks at equal distances over all files together, the first and the last among them.</summary>
    private static void AddSamples(IncrementalHash hash, byte[] buffer, IReadOnlyList<(long Length, ReadAt Read)> files, long total, long blocks)
    {
        (int file, long start) = (0, 0);
        for (long k = 0; k < blocks; k++)
        {
            long at = (long)((Int128)Math.Max(0, total - Block) * k / (blocks - 1));
            while (at - start >= files[file].Length)
            {
                start += files[file++].Length;
            }

            Add(hash, buffer, files[file].Read, at - start, files[file].Length);
        }
    }

    private static void Add(IncrementalHash hash, byte[] buffer, ReadAt read, long at, long length)
    {
        Span<byte> block = buffer.AsSpan(0, (int)Math.Min(Block, length - at));
        read(block, at);
        hash.AppendData(block);
    }
}
