using Google.Protobuf;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Which tensors leave the model for the file beside it.</summary>
/// <param name="KeepExternal">Those that were there stay there.</param>
/// <param name="InitializersFrom">Initializers of at least so many bytes go there.</param>
/// <param name="OthersFrom">Other tensors of at least so many bytes go there.</param>
internal sealed record ExternalPolicy(bool KeepExternal, long InitializersFrom, long OthersFrom)
{
    /// <summary>Nothing leaves the model.</summary>
    public static ExternalPolicy Inline { get; } = new(false, long.MaxValue, long.MaxValue);
}

/// <summary>The bytes of a model, and of the file beside it, before any is written.</summary>
internal sealed class ModelLayout
{
    // As the runtimes want them: what is large enough to be mapped on its own begins at a 64 KiB boundary (Windows maps
    // no finer), the rest at a cache line.
    private const long MapAlignment = 64 << 10;
    private const long MapFrom = 1 << 20;
    private const long SmallAlignment = 64;

    // Inline elements beyond this are not copied into the skeleton.
    private const int LargeInline = 1 << 20;

    private readonly TensorSource source;
    private readonly ExternalPolicy policy;
    private readonly string location;
    private readonly List<Payload> payloads = [];
    private readonly Dictionary<(DataFile, long, long), long> shared = [];

    private ModelLayout(TensorSource source, ExternalPolicy policy, string location)
    {
        this.source = source;
        this.policy = policy;
        this.location = location;
    }

    /// <summary>The model file.</summary>
    public OutputPlan Model { get; private set; } = new();

    /// <summary>The file beside it; null where no tensor is there.</summary>
    public OutputPlan? Data { get; private set; }

    /// <summary>The names of the files beside it.</summary>
    public IEnumerable<string> DataNames => Data is null ? [] : [location];

    /// <summary>Lays a model out. Its data is checked against its shapes, not read.</summary>
    public static ModelLayout Of(ModelProto proto, TensorSource source, ExternalPolicy policy, string location)
    {
        var layout = new ModelLayout(source, policy, location);
        ModelProto copy = proto.Clone();
        ProtoTensors.Visit(copy, layout.Place);
        try
        {
            layout.Model = WireSplicer.Splice(copy.ToByteArray(), layout.payloads);
        }
        catch (Exception e) when (e is OverflowException or CodedOutputStream.OutOfSpaceException)
        {
            throw new BadInputException(
                "the model's graph without its weights is larger than protobuf allows (2 GiB - 1); its constants must be raw_data or external", e);
        }

        return layout;
    }

    private void Place(TensorProto tensor, ProtoTensors.Place place)
    {
        if (Elements(tensor) is not { } payload)
        {
            return;
        }

        long bytes = payload.Data.ByteLength;
        bool external = (policy.KeepExternal && payload.WasExternal)
            || bytes >= (place == ProtoTensors.Place.Initializer ? policy.InitializersFrom : policy.OthersFrom);
        if (external)
        {
            PlaceBeside(tensor, payload.Data);
        }
        else if (tensor.HasPayload || TensorSource.IsExternal(tensor) || bytes > LargeInline)
        {
            PlaceInside(tensor, payload);
        }
    }

    // The elements that can be moved: all but strings and those in typed fields of the message.
    private Payload? Elements(TensorProto tensor)
    {
        bool known = TensorSource.IsKnown(tensor);
        if (TensorSource.IsExternal(tensor))
        {
            TensorData data = known ? source.DataOf(tensor) : source.External(tensor, null);
            return new Payload(data, TensorProto.RawDataFieldNumber, true);
        }

        if (tensor.HasPayload)
        {
            source.Check(tensor);
            return source.PayloadOf(tensor);
        }

        return tensor.HasRawData && !tensor.RawData.IsEmpty
            ? new Payload(new MemoryTensorData(ElementType.UInt8, tensor.RawData.Memory), TensorProto.RawDataFieldNumber, false)
            : null;
    }

    private void PlaceInside(TensorProto tensor, Payload payload)
    {
        if (TensorSource.IsExternal(tensor))
        {
            tensor.ClearDataLocation();
            tensor.ExternalData.Clear();
        }

        tensor.ClearRawData();
        payloads.Add(payload);
        tensor.Payload = payloads.Count;
    }

    private void PlaceBeside(TensorProto tensor, TensorData data)
    {
        Data ??= new OutputPlan();
        long bytes = data.ByteLength;
        // Tied weights share a range; they keep doing so.
        var file = data as FileTensorData;
        if (file is null || !shared.TryGetValue((file.File, file.Offset, bytes), out long offset))
        {
            offset = Data.Add(data, bytes >= MapFrom ? MapAlignment : SmallAlignment);
            if (file is not null)
            {
                shared.Add((file.File, file.Offset, bytes), offset);
            }
        }

        tensor.ClearRawData();
        tensor.ClearPayload();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        AddKey(tensor, "location", location);
        AddKey(tensor, "offset", FormattableString.Invariant($"{offset}"));
        AddKey(tensor, "length", FormattableString.Invariant($"{bytes}"));
    }

    private static void AddKey(TensorProto tensor, string key, string value) =>
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
}
