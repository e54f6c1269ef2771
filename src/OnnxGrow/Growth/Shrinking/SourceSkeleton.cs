using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// A source model without the weights that its grown form holds, as the grown model carries it in its metadata. It is a
/// model in the usual form; the last of its own metadata has a note for each tensor, in the order of the file.
/// </summary>
internal sealed class SourceSkeleton
{
    private SourceSkeleton(OnnxModel model, TensorProto[] tensors, TensorNote[] notes, LateTensorData?[] late, byte[]?[] patches)
    {
        Model = model;
        Tensors = tensors;
        Notes = notes;
        Late = late;
        Patches = patches;
    }

    /// <summary>Key of the notes in the skeleton's own metadata.</summary>
    public const string NotesKey = "onnxgrow.tensors";

    /// <summary>The model; tensors that are not kept refer to <see cref="Late"/>.</summary>
    public OnnxModel Model { get; }

    /// <summary>Its tensors, in the order of the file.</summary>
    public TensorProto[] Tensors { get; }

    /// <summary>A note a tensor.</summary>
    public TensorNote[] Notes { get; }

    /// <summary>For each tensor that is not kept, what is to be bound to its elements.</summary>
    public LateTensorData?[] Late { get; }

    /// <summary>For each patched tensor, its patch.</summary>
    public byte[]?[] Patches { get; }

    /// <summary>The tensors of a model, in the order of the file.</summary>
    public static TensorProto[] TensorsOf(ModelProto model)
    {
        var tensors = new List<TensorProto>();
        ProtoTensors.Visit(model, (tensor, _) => tensors.Add(tensor));
        return [.. tensors];
    }

    /// <summary>The skeleton as bytes.</summary>
    /// <param name="source">The source.</param>
    /// <param name="notes">A note a tensor.</param>
    /// <param name="patches">The patches of those that have one.</param>
    /// <returns>The bytes; null where they are more than a reader takes.</returns>
    public static byte[]? Write(OnnxModel source, TensorNote[] notes, byte[]?[] patches)
    {
        using OnnxModel skeleton = source.Clone();
        TensorProto[] tensors = TensorsOf(skeleton.Proto);
        for (int i = 0; i < tensors.Length; i++)
        {
            if (notes[i].Origin == Origin.Kept)
            {
                continue;
            }

            Empty(tensors[i]);
            if (patches[i] is { } patch)
            {
                tensors[i].RawData = ByteString.CopyFrom(patch);
            }
        }

        skeleton.Proto.MetadataProps.Add(new StringStringEntryProto { Key = NotesKey, Value = string.Join(' ', notes.AsEnumerable()) });
        return skeleton.InlineSize() <= SkeletonText.MaxBytes ? skeleton.ToBytes() : null;
    }

    /// <summary>Reads a skeleton.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="where">What they are part of, for messages.</param>
    /// <exception cref="BadInputException">They are no skeleton.</exception>
    public static SourceSkeleton Read(byte[] bytes, string where)
    {
        OnnxModel model = OnnxModel.FromBytes(bytes, where);
        TensorProto[] tensors = TensorsOf(model.Proto);
        StringStringEntryProto? entry = model.Proto.MetadataProps.LastOrDefault();
        if (entry is null || entry.Key != NotesKey)
        {
            throw new BadInputException(ErrorCode.Metadata, $"{where} says nothing of its tensors; it is not OnnxGrow's");
        }

        model.Proto.MetadataProps.RemoveAt(model.Proto.MetadataProps.Count - 1);
        TensorNote?[] notes = [.. entry.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(TensorNote.Parse)];
        if (notes.Length != tensors.Length || notes.Contains(null))
        {
            throw new BadInputException(ErrorCode.Metadata, FormattableString.Invariant(
                $"{where} has {tensors.Length} tensors, and notes that fit {notes.Count(n => n is not null)}; it was damaged after the growth"));
        }

        var late = new LateTensorData?[tensors.Length];
        var patches = new byte[]?[tensors.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            Place(model, tensors[i], notes[i]!, where, ref late[i], ref patches[i]);
        }

        return new SourceSkeleton(model, tensors, notes!, late, patches);
    }

    private static void Place(OnnxModel model, TensorProto tensor, TensorNote note, string where, ref LateTensorData? late, ref byte[]? patch)
    {
        string who = $"{where}: tensor '{Text.Name(tensor.Name)}'";
        if (TensorSource.IsExternal(tensor))
        {
            throw new BadInputException(ErrorCode.Metadata, $"{who} refers to a file; a source graph holds what it needs");
        }

        if (note.Origin == Origin.Kept)
        {
            if (note.Form == 'x')
            {
                note.Set(model, tensor, model.DataOf(tensor));
            }

            return;
        }

        var type = (ElementType)tensor.DataType;
        long count = OnnxGrow.Onnx.Tensors.CountOf(tensor, who);
        bool patched = note.Origin == Origin.Patched;
        bool typed = note.Form is 'f' or 'd' && TypedData.FieldOf(type) != (note.Form == 'f' ? "float_data" : "double_data");
        if (!TensorSource.IsKnown(tensor) || (note.Origin is not (Origin.Unchanged or Origin.Leading) && !ElementTypes.IsGrowable(type)) || typed)
        {
            throw new BadInputException(ErrorCode.Metadata, $"{who} holds {type}, which does not go with its note '{note}'");
        }

        if (patched)
        {
            patch = tensor.RawData.ToByteArray();
        }

        bool wrong = patched ? patch!.Length != ElementTypes.ByteLength(type, count) : !tensor.RawData.IsEmpty;
        if (wrong || TypedData.Present(tensor).Any())
        {
            throw new BadInputException(ErrorCode.Metadata, $"{who} holds elements that do not go with its note '{note}'");
        }

        late = new LateTensorData(tensor.Name, type, count);
        note.Set(model, tensor, late);
    }

    private static void Empty(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.ClearPayload();
        tensor.ClearDataLocation();
        tensor.ExternalData.Clear();
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
    }
}
