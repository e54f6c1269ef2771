using System.Buffers.Binary;
using System.Text.Json;

namespace OnnxGrow.Onnx;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then names, types, shapes and positions as JSON. It is filled up
/// with spaces, so that the data begins where a page does.
/// </summary>
internal static class SafetensorsHeader
{
    private const int Alignment = 4096;

    /// <summary>The name under which the header holds texts.</summary>
    public const string Metadata = "__metadata__";

    /// <summary>Whether the format has a name for a type.</summary>
    public static bool Knows(ElementType type) => NameOf(type) is not null;

    /// <summary>The header of a file.</summary>
    /// <param name="entries">Its tensors, one directly behind the other.</param>
    /// <param name="texts">What else it says, by name.</param>
    public static ReadOnlyMemory<byte> Of(IReadOnlyList<DataShard.Entry> entries, IReadOnlyDictionary<string, string>? texts = null)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[sizeof(long)]);
        using (var json = new Utf8JsonWriter(stream))
        {
            var names = new HashSet<string>(StringComparer.Ordinal) { Metadata };
            json.WriteStartObject();
            json.WriteStartObject(Metadata);
            foreach ((string key, string value) in texts ?? new Dictionary<string, string> { ["format"] = "onnx" })
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            foreach (DataShard.Entry entry in entries)
            {
                json.WriteStartObject(Text.Unique(entry.Tensor.Name, names));
                json.WriteString("dtype", NameOf((ElementType)entry.Tensor.DataType));
                json.WriteStartArray("shape");
                foreach (long dim in entry.Tensor.Dims)
                {
                    json.WriteNumberValue(dim);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(entry.Start);
                json.WriteNumberValue(entry.Start + entry.Data.ByteLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (stream.Length % Alignment != 0)
        {
            stream.WriteByte((byte)' ');
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - sizeof(long));
        return bytes;
    }

    /// <summary>The type that a name stands for; undefined for one that is not known.</summary>
    public static ElementType TypeOf(string? name) =>
        name is null ? ElementType.Undefined : Enum.GetValues<ElementType>().FirstOrDefault(type => NameOf(type) == name);

    private static string? NameOf(ElementType type) => type switch
    {
        ElementType.Float64 => "F64",
        ElementType.Float32 => "F32",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Int64 => "I64",
        ElementType.Int32 => "I32",
        ElementType.Int16 => "I16",
        ElementType.Int8 => "I8",
        ElementType.UInt64 => "U64",
        ElementType.UInt32 => "U32",
        ElementType.UInt16 => "U16",
        ElementType.UInt8 => "U8",
        ElementType.Bool => "BOOL",
        _ => null,
    };
}
