using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>A tensor with a name: what safetensors files hold.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dims">Its extents, outermost first.</param>
/// <param name="Data">Its elements.</param>
public sealed record NamedTensor(string Name, ImmutableArray<long> Dims, TensorData Data);

/// <summary>A safetensors file: named tensors, whose elements are read when they are asked for.</summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The longest header that is read, in bytes.</summary>
    public const int MaxHeaderBytes = 64 << 20;

    private readonly DataFile _file;
    private readonly Dictionary<string, NamedTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly string _path;

    private SafetensorsFile(string path, DataFile file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, NamedTensor> Tensors => _tensors;

    /// <summary>What else the header says.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="tensors">The tensors; names must differ, types must be of the format's.</param>
    /// <param name="texts">What else the header is to say.</param>
    /// <param name="options">Threads, memory and so on.</param>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? texts = null, SaveOptions? options = null)
    {
        var shard = new DataShard(packed: true);
        foreach (NamedTensor tensor in tensors)
        {
            if (!SafetensorsHeader.Knows(tensor.Data.ElementType))
            {
                throw new BadInputException(ErrorCode.ModelData, $"the tensor '{Text.Name(tensor.Name)}' holds {tensor.Data.ElementType}, which safetensors has no name for");
            }

            var named = new TensorProto { Name = tensor.Name, DataType = (int)tensor.Data.ElementType };
            named.Dims.AddRange(tensor.Dims);
            shard.Add(named, tensor.Data);
        }

        try
        {
            ReadOnlyMemory<byte> header = SafetensorsHeader.Of(shard.Entries, texts ?? new Dictionary<string, string>());
            WholeFile.Write(path, shard.Finish(Path.GetFileName(path), header), options ?? new SaveOptions());
        }
        catch (Exception e) when (OutputError.Of(path, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Opens a file and checks its header: types, extents and positions.</summary>
    /// <exception cref="BadInputException">The file is no safetensors file, or lies about itself.</exception>
    public static SafetensorsFile Open(string path)
    {
        DataFile file;
        try
        {
            string real = RealPath.Resolve(path);
            file = new DataFile(path, real, new FileInfo(real).Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.ModelData, $"'{Text.Name(path)}': {Text.Name(e.Message)}", e);
        }

        try
        {
            var opened = new SafetensorsFile(path, file);
            opened.ReadHeader();
            return opened;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadHeader()
    {
        if (_file.Length < sizeof(long))
        {
            throw Bad("is too short");
        }

        byte[] size = new byte[sizeof(long)];
        _file.Read(0, size);
        long length = BinaryPrimitives.ReadInt64LittleEndian(size);
        if (length is < 2 or > MaxHeaderBytes || length > _file.Length - sizeof(long))
        {
            throw Bad(FormattableString.Invariant($"says that its header has {length} bytes; it may have up to {MaxHeaderBytes}, and the file has {_file.Length}"));
        }

        byte[] header = new byte[length];
        _file.Read(sizeof(long), header);
        try
        {
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            long start = sizeof(long) + length;
            foreach (JsonProperty entry in json.RootElement.EnumerateObject())
            {
                if (entry.Name == SafetensorsHeader.Metadata)
                {
                    ReadTexts(entry.Value);
                }
                else
                {
                    Add(entry.Name, entry.Value, start);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Bad("has a header that is not what the format says: " + Text.Name(e.Message));
        }
    }

    private void ReadTexts(JsonElement texts)
    {
        foreach (JsonProperty text in texts.EnumerateObject())
        {
            _texts[text.Name] = text.Value.GetString() ?? "";
        }
    }

    private void Add(string name, JsonElement entry, long start)
    {
        string? typeName = entry.GetProperty("dtype").GetString();
        ElementType type = SafetensorsHeader.TypeOf(typeName);
        if (type == ElementType.Undefined)
        {
            throw Bad($"has a tensor '{Text.Name(name)}' of the type '{Text.Name(typeName ?? "")}', which is not known");
        }

        ImmutableArray<long> dims = [.. entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        JsonElement offsets = entry.GetProperty("data_offsets");
        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        if (offsets.GetArrayLength() != 2 || begin < 0 || end < begin || end > _file.Length - start || dims.Any(d => d < 0)
            || CountOf(dims) is not { } count || (Int128)count * ElementTypes.Bits(type) != (Int128)(end - begin) * 8)
        {
            throw Bad(FormattableString.Invariant($"has a tensor '{Text.Name(name)}' whose extents [{Text.Cut(string.Join(", ", dims))}] and position {begin} to {end} do not agree with each other or with the file"));
        }

        if (!_tensors.TryAdd(name, new NamedTensor(name, dims, new FileTensorData(_file, start + begin, type, count))))
        {
            throw Bad($"has two tensors '{Text.Name(name)}'");
        }
    }

    private static long? CountOf(ImmutableArray<long> dims)
    {
        Int128 count = 1;
        foreach (long dim in dims)
        {
            count *= dim;
            if (count > long.MaxValue)
            {
                return null;
            }
        }

        return (long)count;
    }

    private BadInputException Bad(string what) => new($"'{Text.Name(_path)}' {what}");
}
