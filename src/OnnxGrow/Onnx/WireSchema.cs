using Google.Protobuf.Reflection;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>
/// What a wire-level walk must know of a message: which fields hold messages, which hold text. It is taken from the
/// generated descriptors, so that a field added to onnx.proto is walked without a change here.
/// </summary>
internal sealed class WireSchema
{
    private readonly WireSchema?[] children;
    private readonly bool[] texts;

    private WireSchema(MessageDescriptor descriptor)
    {
        Name = descriptor.Name;
        IsTensor = descriptor.FullName == TensorProto.Descriptor.FullName;
        int size = 1 + descriptor.Fields.InFieldNumberOrder()
            .Select(field => field.FieldNumber).Where(number => number != TensorProto.PayloadFieldNumber)
            .DefaultIfEmpty(0).Max();
        children = new WireSchema?[size];
        texts = new bool[size];
    }

    /// <summary>A whole file.</summary>
    public static WireSchema Model { get; } = Build(ModelProto.Descriptor);

    /// <summary>The message's name in the format.</summary>
    public string Name { get; }

    /// <summary>Whether the message is a TensorProto.</summary>
    public bool IsTensor { get; }

    /// <summary>Whether a TensorProto is in the message or anywhere below.</summary>
    public bool HoldsTensors { get; private set; }

    /// <summary>The message that a field holds; null for other fields and unknown ones.</summary>
    public WireSchema? Child(uint field) => field < (uint)children.Length ? children[field] : null;

    /// <summary>Whether a field is text (UTF-8).</summary>
    public bool IsText(uint field) => field < (uint)texts.Length && texts[field];

    private static WireSchema Build(MessageDescriptor root)
    {
        var built = new Dictionary<string, WireSchema>(StringComparer.Ordinal);
        WireSchema schema = Add(root, built);
        Spread(built.Values);
        return schema;
    }

    private static WireSchema Add(MessageDescriptor descriptor, Dictionary<string, WireSchema> built)
    {
        if (built.TryGetValue(descriptor.FullName, out WireSchema? known))
        {
            return known;
        }

        var schema = new WireSchema(descriptor);
        built.Add(descriptor.FullName, schema);
        foreach (FieldDescriptor field in descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.Message)
            {
                schema.children[field.FieldNumber] = Add(field.MessageType, built);
            }
            else if (field.FieldType == FieldType.String)
            {
                schema.texts[field.FieldNumber] = true;
            }
        }

        return schema;
    }

    // Graphs hold nodes that hold graphs: repeat until nothing changes.
    private static void Spread(IReadOnlyCollection<WireSchema> all)
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (WireSchema schema in all)
            {
                if (!schema.HoldsTensors
                    && (schema.IsTensor || Array.Exists(schema.children, child => child is { HoldsTensors: true })))
                {
                    schema.HoldsTensors = true;
                    changed = true;
                }
            }
        }
    }
}
