using System.IO.Compression;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Training.Data;

namespace OnnxGrow.Training.Export;

/// <summary>Named tensors as NumPy's .npz: a ZIP file with an array each, as numpy.load reads it.</summary>
internal sealed class NpzFile : IDisposable
{
    private const string Extension = ".npy";
    private const int BlockBytes = 1 << 20;
    private const long MaxArray = 1L << 40;
    private const long MaxUnpacked = 256L << 30;
    private const int MaxArrays = 1 << 20;

    private readonly FileStream _unpacked = UnnamedFile.Create();
    private readonly Dictionary<string, NamedTensor> _tensors = new(StringComparer.Ordinal);

    private NpzFile()
    {
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, NamedTensor> Tensors => _tensors;

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="BadInputException">It cannot be written, or NumPy has no such type.</exception>
    public static void Write(string path, IEnumerable<NamedTensor> tensors, CancellationToken cancellation = default)
    {
        try
        {
            using var stage = new OutputStage(path);
            using (var file = new FileStream(stage.ModelPath, FileMode.CreateNew, FileAccess.Write))
            {
                using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
                {
                    foreach (NamedTensor tensor in tensors)
                    {
                        ZipArchiveEntry entry = zip.CreateEntry(tensor.Name + Extension, CompressionLevel.NoCompression);

                        // The same weights give the same bytes.
                        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                        using Stream stream = entry.Open();
                        WriteArray(stream, tensor, cancellation);
                    }
                }

                file.Flush(flushToDisk: true);
            }

            stage.Publish();
        }
        catch (Exception e) when (OutputError.Of(path, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Opens a file; its arrays are unpacked to a file without a name.</summary>
    /// <exception cref="BadInputException">It is no .npz file, or lies about itself.</exception>
    public static NpzFile Open(string path)
    {
        var opened = new NpzFile();
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                opened.Add(path, entry);
            }

            return opened;
        }
        catch (Exception e)
        {
            opened.Dispose();
            throw e is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException
                ? new BadInputException(ErrorCode.WeightFile, $"'{Text.Name(path)}' cannot be read as a .npz file: {Text.Name(e.Message)}", e)
                : e;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _unpacked.Dispose();

    private static void WriteArray(Stream stream, NamedTensor tensor, CancellationToken cancellation)
    {
        if (!NpyHeader.Knows(tensor.Data.ElementType))
        {
            throw new BadInputException(ErrorCode.WeightFile, $"'{Text.Name(tensor.Name)}' holds {tensor.Data.ElementType}, which NumPy has no type for; take --to safetensors");
        }

        NpyHeader.Write(stream, tensor.Data.ElementType, tensor.Dims);
        byte[] block = new byte[(int)Math.Min(BlockBytes, Math.Max(1, tensor.Data.ByteLength))];
        for (long at = 0; at < tensor.Data.ByteLength; at += block.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<byte> bytes = block.AsSpan(0, (int)Math.Min(block.Length, tensor.Data.ByteLength - at));
            tensor.Data.ReadBytes(at, bytes);
            stream.Write(bytes);
        }
    }

    private void Add(string path, ZipArchiveEntry entry)
    {
        string shown = $"{path}:{entry.FullName}";
        if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal) || _tensors.Count == MaxArrays)
        {
            throw new BadInputException(ErrorCode.WeightFile, $"'{Text.Name(path)}' holds '{Text.Name(entry.FullName)}', which is no .npy array, or too many of them");
        }

        using Stream packed = entry.Open();
        NpyHeader header = NpyHeader.Read(packed, shown, Math.Min(MaxArray, MaxUnpacked - _unpacked.Length));
        long start = _unpacked.Length;
        _unpacked.Seek(0, SeekOrigin.End);
        UnnamedFile.CopyExactly(packed, _unpacked, header.Bytes, why => NpyHeader.Bad(shown, why));
        string name = entry.FullName[..^Extension.Length];
        if (!_tensors.TryAdd(name, new NamedTensor(name, [.. header.Dims], new Unpacked(_unpacked, start, header))))
        {
            throw new BadInputException(ErrorCode.WeightFile, $"'{Text.Name(path)}' has the array '{Text.Name(name)}' twice");
        }
    }

    private sealed class Unpacked(FileStream file, long start, NpyHeader header) : TensorData
    {
        public override ElementType ElementType => header.ElementType;

        public override long Count => header.Bytes / (ElementTypes.Bits(header.ElementType) / 8);

        public override void ReadBytes(long byteOffset, Span<byte> destination) => UnnamedFile.ReadExactly(file.SafeFileHandle, destination, start + byteOffset);
    }
}
