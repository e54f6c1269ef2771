using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Gives the elements of a model's tensors, wherever they are, after checking them against shape and type.</summary>
internal sealed class TensorSource(string? modelPath, PayloadTable payloads, ExternalFolder? folder)
{
    /// <summary>The elements of a tensor.</summary>
    public TensorData DataOf(TensorProto tensor)
    {
        string who = Who(tensor);
        var type = (ElementType)tensor.DataType;
        if (ElementTypes.Bits(type) == 0)
        {
            throw new BadInputException(ErrorCode.ModelData, type == ElementType.String
                ? $"{who}: holds strings, which have no numeric form"
                : FormattableString.Invariant($"{who}: has data type {tensor.DataType}, which is not known"));
        }

        long count = Tensors.CountOf(tensor, who);
        long expected = ExpectedBytes(tensor, type, count, who);
        if (IsExternal(tensor))
        {
            return External(tensor, expected).As(type, count);
        }

        string field = OnlyField(tensor, who);
        if (field == "payload")
        {
            return OfPayload(tensor, PayloadOf(tensor), type, count, who);
        }

        if (field == "raw_data")
        {
            Expect(tensor, "raw_data", tensor.RawData.Length, expected, "bytes", who);
            return new MemoryTensorData(type, tensor.RawData.Memory, count);
        }

        if (field.Length > 0 || count > 0)
        {
            CheckTyped(tensor, field, type, count, who);
        }

        return new MemoryTensorData(type, TypedData.Decode(tensor, type), count);
    }

    /// <summary>
    /// Checks a tensor whose elements are outside the message, without reading them. A tensor of an unknown type passes:
    /// it is not for us to judge, and it is written as it was.
    /// </summary>
    public void Check(TensorProto tensor)
    {
        if (IsKnown(tensor) && (IsExternal(tensor) || tensor.HasPayload))
        {
            DataOf(tensor);
        }
        else if (tensor.HasPayload)
        {
            OnlyField(tensor, Who(tensor));
        }
    }

    /// <summary>
    /// Checks a tensor whose elements are in the message, as <see cref="Check"/> does the others: that there are as many as
    /// its shape says.
    /// </summary>
    public void CheckInline(TensorProto tensor)
    {
        if (!IsKnown(tensor) || IsExternal(tensor) || tensor.HasPayload)
        {
            return;
        }

        string who = Who(tensor);
        var type = (ElementType)tensor.DataType;
        long count = Tensors.CountOf(tensor, who);
        long expected = ExpectedBytes(tensor, type, count, who);
        string field = OnlyField(tensor, who);
        if (field == "raw_data")
        {
            Expect(tensor, field, tensor.RawData.Length, expected, "bytes", who);
        }
        else if (field.Length > 0 || count > 0)
        {
            CheckTyped(tensor, field, type, count, who);
        }
    }

    /// <summary>Whether the size of an element of the tensor is known.</summary>
    public static bool IsKnown(TensorProto tensor) => ElementTypes.Bits((ElementType)tensor.DataType) > 0;

    /// <summary>Whether the elements are in a file beside the model.</summary>
    public static bool IsExternal(TensorProto tensor) =>
        tensor.DataLocation == TensorProto.Types.DataLocation.External;

    /// <summary>The bytes of an external tensor.</summary>
    public FileTensorData External(TensorProto tensor, long? expected)
    {
        string who = Who(tensor);
        if (tensor.HasPayload || (tensor.HasRawData && !tensor.RawData.IsEmpty) || TypedData.Present(tensor).Any())
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: has elements both in the model and in a file beside it");
        }

        return folder is null
            ? throw new BadInputException(ErrorCode.ModelData, $"{who}: refers to a file beside the model, but the model was not read from a file")
            : folder.Find(tensor, who, expected);
    }

    /// <summary>The payload that a tensor refers to.</summary>
    public Payload PayloadOf(TensorProto tensor) => payloads.Find(tensor.Payload)
        ?? throw new BadInputException(
            ErrorCode.ModelData, $"{Who(tensor)}: refers to the data of another model; give it to this one with {nameof(OnnxModel)}.{nameof(OnnxModel.SetData)}");

    /// <summary>The tensor, for a message.</summary>
    public string Who(TensorProto tensor)
    {
        string name = tensor.HasName && tensor.Name.Length > 0 ? $"tensor '{Text.Name(tensor.Name)}'" : "a tensor without a name";
        return modelPath is null ? name : $"{Text.Name(modelPath)}: {name}";
    }

    private static TensorData OfPayload(TensorProto tensor, Payload payload, ElementType type, long count, string who)
    {
        TensorData data = payload.Data;
        bool rightField = payload.Field == TensorProto.RawDataFieldNumber
            || TypedData.FieldOf(type) == (payload.Field == TensorProto.FloatDataFieldNumber ? "float_data" : "double_data");
        if (!rightField)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: elements of type {type} belong in {TypedData.FieldOf(type)} or raw_data");
        }

        Expect(tensor, "its data", data.ByteLength, ElementTypes.ByteLength(type, count), "bytes", who);
        if (data is FileTensorData file)
        {
            return file.As(type, count);
        }

        return data.ElementType == type && data.Count == count
            ? data
            : throw new BadInputException(ErrorCode.ModelData, FormattableString.Invariant(
                $"{who}: is of type {type} and shape {Tensors.ShapeText(tensor)}, its data {data.Count} x {data.ElementType}"));
    }

    private static void CheckTyped(TensorProto tensor, string field, ElementType type, long count, string who)
    {
        string right = TypedData.FieldOf(type);
        if (field.Length > 0 && field != right)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: elements of type {type} are in {field}; they belong in {right} or raw_data");
        }

        long values = TypedData.Present(tensor).Sum(present => (long)present.Values);
        Expect(tensor, field.Length > 0 ? field : "the tensor", values, TypedData.ValuesFor(type, count), "values", who);
    }

    private static void Expect(TensorProto tensor, string field, long has, long wants, string unit, string who)
    {
        if (has != wants)
        {
            throw new BadInputException(ErrorCode.ModelData, FormattableString.Invariant(
                $"{who}: {field} has {has} {unit} where shape {Tensors.ShapeText(tensor)} of type {Tensors.TypeText(tensor)} takes {wants}"));
        }
    }

    // The one field that holds elements; empty where none does.
    private static string OnlyField(TensorProto tensor, string who)
    {
        string[] fields =
        [
            .. tensor.HasPayload ? ["payload"] : Array.Empty<string>(),
            .. tensor.HasRawData && !tensor.RawData.IsEmpty ? ["raw_data"] : Array.Empty<string>(),
            .. TypedData.Present(tensor).Select(present => present.Field),
        ];
        return fields.Length > 1
            ? throw new BadInputException(ErrorCode.ModelData, $"{who}: has elements in {Text.List(fields)}; only one field may hold them")
            : fields.FirstOrDefault(string.Empty);
    }

    private static long ExpectedBytes(TensorProto tensor, ElementType type, long count, string who)
    {
        if (tensor.Segment is not null)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: is a segment of a tensor, a form that no runtime reads");
        }

        try
        {
            return ElementTypes.ByteLength(type, count);
        }
        catch (OverflowException)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: its shape {Tensors.ShapeText(tensor)} has more bytes than 64 bits can count");
        }
    }
}
