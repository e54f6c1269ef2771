using System.Globalization;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>One file beside the model: which tensors are in it and where. Names and positions are told to them at the end.</summary>
internal sealed class DataShard
{
    // As the runtimes want them: what is large enough to be mapped on its own begins at a 64 KiB boundary (Windows maps
    // no finer), the rest at a cache line.
    private const long MapAlignment = 64 << 10;
    private const long MapFrom = 1 << 20;
    private const long SmallAlignment = 64;

    private readonly List<(TensorProto Tensor, int Entry)> _users = [];
    private readonly List<Entry> _entries = [];
    private readonly bool _packed;
    private long _length;

    /// <param name="packed">Without room between tensors, as safetensors asks for it.</param>
    public DataShard(bool packed) => _packed = packed;

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The tensors in it, in order.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>How long the file's data would be with one more tensor.</summary>
    public long LengthWith(long bytes) => checked(Start(bytes) + bytes);

    /// <summary>Puts a tensor in.</summary>
    /// <returns>Its number, for others that share its elements.</returns>
    public int Add(TensorProto tensor, TensorData data)
    {
        long start = Start(data.ByteLength);
        _entries.Add(new Entry(tensor, data, start));
        _length = checked(start + data.ByteLength);
        return _entries.Count - 1;
    }

    /// <summary>Lets a tensor refer to elements in this file.</summary>
    public void Use(TensorProto tensor, int entry) => _users.Add((tensor, entry));

    /// <summary>What the file is made of; its tensors are told where they are.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="header">What stands before the data.</param>
    public OutputPlan Finish(string name, ReadOnlyMemory<byte> header)
    {
        var plan = new OutputPlan();
        plan.Add(header);
        foreach (Entry entry in _entries)
        {
            plan.AddAt(header.Length + entry.Start, entry.Data);
        }

        foreach ((TensorProto tensor, int number) in _users)
        {
            Entry entry = _entries[number];
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Clear();
            Say(tensor, "location", name);
            Say(tensor, "offset", (header.Length + entry.Start).ToString(CultureInfo.InvariantCulture));
            Say(tensor, "length", entry.Data.ByteLength.ToString(CultureInfo.InvariantCulture));
        }

        return plan;
    }

    private static void Say(TensorProto tensor, string key, string value) =>
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });

    private long Start(long bytes)
    {
        long alignment = _packed ? 1 : bytes >= MapFrom ? MapAlignment : SmallAlignment;
        return checked(_length + alignment - 1) / alignment * alignment;
    }

    /// <summary>A tensor's elements in the file.</summary>
    /// <param name="Tensor">The first tensor that has them.</param>
    /// <param name="Data">The elements.</param>
    /// <param name="Start">Where they begin, counted from the end of the header.</param>
    public readonly record struct Entry(TensorProto Tensor, TensorData Data, long Start);
}
