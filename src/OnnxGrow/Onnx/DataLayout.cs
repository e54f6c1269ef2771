using System.Globalization;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Deals the tensors that leave a model out to the files beside it, in the order of the model.</summary>
/// <param name="name">The name of the file, where one is enough.</param>
/// <param name="options">How large a file may be, and of what format.</param>
internal sealed class DataLayout(string name, SaveOptions options)
{
    private readonly List<DataShard> _shards = [];
    private readonly Dictionary<(DataFile, long, long), (DataShard Shard, int Entry)> _shared = [];

    /// <summary>Whether a tensor can be in such a file.</summary>
    public bool CanHold(TensorProto tensor, bool isInitializer) =>
        !options.Safetensors || (isInitializer && SafetensorsHeader.Knows((ElementType)tensor.DataType));

    /// <summary>Puts a tensor's elements into a file.</summary>
    public void Place(TensorProto tensor, TensorData data)
    {
        // Tied weights share a range; they keep doing so.
        var file = data as FileTensorData;
        (DataFile, long, long) range = file is null ? default : (file.File, file.Offset, data.ByteLength);
        if (file is null || !_shared.TryGetValue(range, out (DataShard Shard, int Entry) place))
        {
            DataShard shard = ShardFor(data.ByteLength);
            place = (shard, shard.Add(tensor, data));
            if (file is not null)
            {
                _shared.Add(range, place);
            }
        }

        tensor.ClearRawData();
        tensor.ClearPayload();
        place.Shard.Use(tensor, place.Entry);
    }

    /// <summary>The files with their names; all tensors know afterwards where they are.</summary>
    public DataFilePlan[] Finish() => [.. _shards.Select((shard, i) =>
    {
        string file = NameOf(i);
        ReadOnlyMemory<byte> header = options.Safetensors ? SafetensorsHeader.Of(shard.Entries) : ReadOnlyMemory<byte>.Empty;
        return new DataFilePlan(file, shard.Finish(file, header));
    })];

    private DataShard ShardFor(long bytes)
    {
        // A tensor that is larger than a file may be has one of its own: elements of one tensor are in one place.
        if (_shards.Count == 0 || (!_shards[^1].IsEmpty && _shards[^1].LengthWith(bytes) > (options.ShardBytes ?? long.MaxValue)))
        {
            _shards.Add(new DataShard(options.Safetensors));
        }

        return _shards[^1];
    }

    // As model hubs name them: model-00001-of-00003.safetensors, model.onnx-00001-of-00003.data.
    private string NameOf(int i)
    {
        if (_shards.Count == 1)
        {
            return name;
        }

        string extension = Path.GetExtension(name);
        return string.Create(CultureInfo.InvariantCulture, $"{name[..^extension.Length]}-{i + 1:00000}-of-{_shards.Count:00000}{extension}");
    }
}

/// <summary>A file beside the model, before it is written.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Plan">What goes where in it.</param>
internal sealed record DataFilePlan(string Name, OutputPlan Plan);
