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

/// <summary>The bytes of a model, and of the files beside it, before any is written.</summary>
internal sealed class ModelLayout
{
    // Inline elements beyond this are not copied into the skeleton.
    private const int LargeInline = 1 << 20;

    private readonly TensorSource source;
    private readonly ExternalPolicy policy;
    private readonly DataLayout data;
    private readonly List<Payload> payloads = [];

    private ModelLayout(TensorSource source, ExternalPolicy policy, DataLayout data)
    {
        this.source = source;
        this.policy = policy;
        this.data = data;
    }

    /// <summary>The model file.</summary>
    public OutputPlan Model { get; private set; } = new();

    /// <summary>The files beside it; empty where no tensor is there.</summary>
    public DataFilePlan[] Data { get; private set; } = [];

    /// <summary>Whether tensors are beside it that nobody has asked to be there, because protobuf does not allow one file so large.</summary>
    public bool IsSplit { get; set; }

    /// <summary>The names of the files beside it.</summary>
    public IEnumerable<string> DataNames => Data.Select(d => d.Name);

    /// <summary>Lays a model out. Its data is checked against its shapes, not read.</summary>
    /// <param name="proto">The model.</param>
    /// <param name="source">Where its elements are.</param>
    /// <param name="policy">Which tensors leave it.</param>
    /// <param name="name">The name of the file beside it, if one is enough.</param>
    /// <param name="options">How large such a file may be, and of what format.</param>
    public static ModelLayout Of(ModelProto proto, TensorSource source, ExternalPolicy policy, string name, SaveOptions options)
    {
        var layout = new ModelLayout(source, policy, new DataLayout(name, options));
        ModelProto copy = proto.Clone();
        ProtoTensors.Visit(copy, layout.Place);
        layout.Data = layout.data.Finish();
        try
        {
            layout.Model = WireSplicer.Splice(copy.ToByteArray(), layout.payloads);
        }
        catch (Exception e) when (e is OverflowException or CodedOutputStream.OutOfSpaceException)
        {
            throw new BadInputException(
                ErrorCode.ModelData, "the model's graph without its weights is larger than protobuf allows (2 GiB - 1); its constants must be raw_data or external", e);
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
        bool isInitializer = place == ProtoTensors.Place.Initializer;
        bool external = (policy.KeepExternal && payload.WasExternal) || bytes >= (isInitializer ? policy.InitializersFrom : policy.OthersFrom);
        if (external && data.CanHold(tensor, isInitializer))
        {
            data.Place(tensor, payload.Data);
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
}
