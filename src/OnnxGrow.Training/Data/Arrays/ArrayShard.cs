using System.IO.Compression;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Training.Data.Arrays;

/// <summary>Arrays with one sample for each number of their first extent: the .npy files of a folder, or a .npz file.</summary>
internal sealed class ArrayShard : IDisposable
{
    // Arrays are read a sample at a time, so only what an .npz file unpacks to has to be bounded.
    private const long MaxArray = 1L << 40;
    private const long MaxUnpacked = 64L << 30;
    private const int MaxArrays = 256;
    private const string Extension = ".npy";

    private readonly SortedDictionary<string, Column> _columns = new(StringComparer.Ordinal);
    private readonly string _path;

    private sealed record Column(FileStream File, long Start, NpyHeader Header);

    public ArrayShard(string path)
    {
        _path = path;
        try
        {
            if (Directory.Exists(path))
            {
                foreach (string file in Directory.GetFiles(path, "*" + Extension))
                {
                    AddFile(file);
                }
            }
            else
            {
                Unpack();
            }

            Check();
        }
        catch (Exception e)
        {
            Dispose();
            throw e is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException
                ? new BadInputException(ErrorCode.Data, $"'{Text.Name(path)}' cannot be read as arrays: {Text.Name(e.Message)}", e)
                : e;
        }
    }

    public long Count { get; private set; }

    public IReadOnlyList<DataField> Fields =>
        [.. _columns.Select(c => new DataField(c.Key, c.Value.Header.ElementType, [.. c.Value.Header.Dims.Skip(1)]))];

    /// <summary>Its arrays, for a print of them.</summary>
    public IEnumerable<(long Length, ContentPrint.ReadAt Read)> Content => _columns.Values.Select(
        c => (c.File.Length, new ContentPrint.ReadAt((into, at) => UnnamedFile.ReadExactly(c.File.SafeFileHandle, into, at))));

    public void Read(long index, IReadOnlyList<DataField> fields, Span<Memory<byte>> into)
    {
        for (int f = 0; f < fields.Count; f++)
        {
            Column column = _columns[fields[f].Name];
            UnnamedFile.ReadExactly(column.File.SafeFileHandle, into[f].Span, column.Start + (index * fields[f].SampleBytes));
        }
    }

    public void Dispose()
    {
        foreach (Column column in _columns.Values)
        {
            column.File.Dispose();
        }
    }

    private void AddFile(string file)
    {
        FileStream stream = File.OpenRead(file);
        try
        {
            NpyHeader header = NpyHeader.Read(stream, file, MaxArray);
            if (header.Bytes != stream.Length - stream.Position)
            {
                throw NpyHeader.Bad(file, $"its shape asks for {header.Bytes} bytes and it holds {stream.Length - stream.Position}");
            }

            Add(Path.GetFileNameWithoutExtension(file), new Column(stream, stream.Position, header));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private void Unpack()
    {
        using ZipArchive zip = ZipFile.OpenRead(_path);
        long left = MaxUnpacked;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal))
            {
                throw Bad($"it holds '{Text.Name(entry.FullName)}', which is no .npy array");
            }

            string shown = $"{_path}:{entry.FullName}";
            using Stream packed = entry.Open();
            NpyHeader header = NpyHeader.Read(packed, shown, left);
            FileStream file = UnnamedFile.Create();
            try
            {
                UnnamedFile.CopyExactly(packed, file, header.Bytes, why => NpyHeader.Bad(shown, why));
                left -= header.Bytes;
                Add(entry.FullName[..^Extension.Length], new Column(file, 0, header));
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    private void Add(string name, Column column)
    {
        if (_columns.Count == MaxArrays || !_columns.TryAdd(name, column))
        {
            throw Bad(_columns.Count == MaxArrays ? $"it has more than {MaxArrays} arrays" : $"it has the array '{Text.Name(name)}' twice");
        }
    }

    private void Check()
    {
        if (_columns.Count == 0)
        {
            throw Bad("it has no arrays; a shard is an .npz file, or a folder with a .npy file for each input of the model, named like it");
        }

        foreach ((string name, Column column) in _columns)
        {
            if (column.Header.Dims.Count == 0)
            {
                throw Bad($"the array '{Text.Name(name)}' is a single number; the first extent of each array counts the samples");
            }
        }

        Count = _columns.First().Value.Header.Dims[0];
        if (_columns.Any(c => c.Value.Header.Dims[0] != Count))
        {
            throw Bad($"its arrays have different numbers of samples: {Text.List(_columns.Select(c => $"{Text.Name(c.Key)} has {c.Value.Header.Dims[0]}"))}");
        }

        if (Count == 0)
        {
            throw Bad("its arrays have no samples");
        }

        if (_columns.Values.Any(c => c.Header.Bytes / Count > 1 << 30))
        {
            throw Bad("a sample of it has more than 1 GiB");
        }
    }

    private BadInputException Bad(string why) => new($"'{Text.Name(_path)}': {why}");
}
