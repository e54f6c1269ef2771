namespace OnnxGrow.Onnx;

/// <summary>The few facts of protobuf's wire format that walking it takes.</summary>
internal static class WireFormat
{
    public const uint Varint = 0;
    public const uint Fixed64 = 1;
    public const uint Bytes = 2;
    public const uint GroupStart = 3;
    public const uint GroupEnd = 4;
    public const uint Fixed32 = 5;

    /// <summary>The longest message that protobuf implementations read.</summary>
    public const long MaxMessageBytes = int.MaxValue;

    public static uint Tag(int field, uint wireType) => ((uint)field << 3) | wireType;

    public static int VarintSize(ulong value)
    {
        int size = 1;
        while (value >= 0x80)
        {
            value >>= 7;
            size++;
        }

        return size;
    }

    /// <summary>Writes a varint and gives its size.</summary>
    public static int WriteVarint(Span<byte> destination, ulong value)
    {
        int size = 0;
        while (value >= 0x80)
        {
            destination[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[size++] = (byte)value;
        return size;
    }
}
