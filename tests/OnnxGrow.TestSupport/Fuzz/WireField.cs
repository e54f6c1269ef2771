using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>A field of a protobuf message, which can be written in ways that no encoder writes it.</summary>
internal sealed class WireField
{
    public uint Number { get; set; }

    public uint Type { get; set; }

    /// <summary>The value of a varint or a fixed-size number.</summary>
    public ulong Value { get; set; }

    /// <summary>The bytes of a field that holds no message.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>The fields of a field that holds a message or a group.</summary>
    public List<WireField>? Children { get; set; }

    /// <summary>The message that the field holds.</summary>
    public MessageDescriptor? Message { get; init; }

    /// <summary>What the length is said to be more than it is.</summary>
    public long LengthLie { get; set; }

    /// <summary>How many bytes a varint (a length, where there is one) takes at least.</summary>
    public int Overlong { get; set; }

    /// <summary>Bytes that are written in place of the field.</summary>
    public byte[]? Raw { get; set; }

    /// <summary>Takes a message apart, as far as it is one.</summary>
    public static List<WireField> Parse(ByteString bytes, MessageDescriptor? message)
    {
        var fields = new List<WireField>();
        using CodedInputStream input = bytes.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0)
        {
            fields.Add(ParseOne(input, tag, message));
        }

        return fields;
    }

    public WireField Copy() => new()
    {
        Number = Number, Type = Type, Value = Value, Bytes = Bytes, Message = Message, LengthLie = LengthLie, Overlong = Overlong, Raw = Raw,
        Children = Children?.ConvertAll(c => c.Copy()),
    };

    public static byte[] Write(IEnumerable<WireField> fields)
    {
        using var stream = new MemoryStream();
        foreach (WireField field in fields)
        {
            field.Write(stream);
        }

        return stream.ToArray();
    }

    public static void Varint(Stream stream, ulong value, int atLeast = 0)
    {
        int written = 1;
        for (; value >= 0x80 || written < atLeast; written++)
        {
            stream.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        stream.WriteByte((byte)value);
    }

    private static WireField ParseOne(CodedInputStream input, uint tag, MessageDescriptor? message)
    {
        uint number = tag >> 3;
        FieldDescriptor? known = message?.FindFieldByNumber((int)number);
        MessageDescriptor? child = known?.FieldType == FieldType.Message ? known.MessageType : null;
        var field = new WireField { Number = number, Type = tag & 7, Message = child };
        switch (tag & 7)
        {
            case 0:
                field.Value = input.ReadUInt64();
                break;
            case 1:
                field.Value = input.ReadFixed64();
                break;
            case 5:
                field.Value = input.ReadFixed32();
                break;
            default:
                ByteString bytes = input.ReadBytes();
                field.Bytes = child is null ? bytes.ToByteArray() : [];
                field.Children = child is null ? null : Parse(bytes, child);
                break;
        }

        return field;
    }

    private void Write(MemoryStream stream)
    {
        if (Raw is not null)
        {
            stream.Write(Raw);
            return;
        }

        Varint(stream, (Number << 3) | Type);
        switch (Type)
        {
            case 0:
                Varint(stream, Value, Overlong);
                break;
            case 1:
                stream.Write(BitConverter.GetBytes(Value));
                break;
            case 5:
                stream.Write(BitConverter.GetBytes((uint)Value));
                break;
            case 3:
                stream.Write(Children is null ? Bytes : Write(Children));
                Varint(stream, (Number << 3) | 4);
                break;
            default:
                byte[] bytes = Children is null ? Bytes : Write(Children);
                Varint(stream, unchecked((ulong)(bytes.Length + LengthLie)), Overlong);
                stream.Write(bytes);
                break;
        }
    }
}
