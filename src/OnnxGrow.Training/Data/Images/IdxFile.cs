using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Training.Data.Images;

/// <summary>An IDX file of bytes, as MNIST and its relatives come in, compressed by gzip or not.</summary>
internal sealed class IdxFile : IDisposable
{
    private const long MaxBytes = 64L << 30;
    private const byte UnsignedBytes = 0x08;

    private readonly FileStream _file;
    private readonly long _start;

    public IdxFile(string path)
    {
        try
        {
            _file = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Data, $"'{Text.Name(path)}' cannot be read: {Text.Name(e.Message)}", e);
        }

        try
        {
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                using FileStream compressed = _file;
                using var data = new GZipStream(compressed, CompressionMode.Decompress);
                Dims = ReadHeader(data, path);
                _file = UnnamedFile.Create();
                UnnamedFile.CopyExactly(data, _file, Dims.Aggregate(1L, (product, dim) => product * dim), why => Bad(path, why));
            }
            else
            {
                Dims = ReadHeader(_file, path);
                _start = _file.Position;
                long bytes = Dims.Aggregate(1L, (product, dim) => product * dim);
                if (bytes != _file.Length - _start)
                {
                    throw Bad(path, $"its header asks for {bytes} bytes and it holds {_file.Length - _start}");
                }
            }
        }
        catch (Exception e)
        {
            _file.Dispose();
            throw e is IOException or InvalidDataException or UnauthorizedAccessException
                ? new BadInputException(ErrorCode.Data, $"'{Text.Name(path)}' cannot be read as an IDX file: {Text.Name(e.Message)}", e)
                : e;
        }
    }

    /// <summary>The extents, the number of items first.</summary>
    public long[] Dims { get; }

    /// <summary>Its items, for a print of them.</summary>
    public (long Length, ContentPrint.ReadAt Read) Content =>
        (Dims.Aggregate(1L, (product, dim) => product * dim), (into, at) => UnnamedFile.ReadExactly(Handle, into, _start + at));

    private SafeFileHandle Handle => _file.SafeFileHandle;

    /// <summary>Reads an item.</summary>
    public void Read(long index, Span<byte> item) => UnnamedFile.ReadExactly(Handle, item, _start + (index * item.Length));

    public void Dispose() => _file.Dispose();

    private static long[] ReadHeader(Stream file, string path)
    {
        byte[] word = new byte[4];
        file.ReadExactly(word);
        if (word[0] != 0 || word[1] != 0 || word[2] != UnsignedBytes || word[3] is 0 or > 4)
        {
            throw Bad(path, "it is not an IDX file of unsigned bytes with 1 to 4 extents (MNIST's and Fashion-MNIST's are)");
        }

        long[] dims = new long[word[3]];
        Int128 bytes = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            file.ReadExactly(word);
            dims[i] = BinaryPrimitives.ReadUInt32BigEndian(word);
            bytes *= dims[i];
            if (dims[i] == 0 || bytes > MaxBytes)
            {
                throw Bad(path, $"its header asks for {(dims[i] == 0 ? "nothing" : "more than " + Text.Bytes(MaxBytes))}");
            }
        }

        return dims;
    }

    private static BadInputException Bad(string path, string why) => new($"'{Text.Name(path)}': {why}");
}
