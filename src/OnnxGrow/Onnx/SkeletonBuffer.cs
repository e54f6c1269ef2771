namespace OnnxGrow.Onnx;

/// <summary>The growing bytes of a skeleton: a model without the elements of its large tensors.</summary>
internal sealed class SkeletonBuffer(string name, long limit)
{
    // A length is written as five bytes whatever it is, so that it can be filled in when the message is done.
    // Protobuf readers accept it, and the skeleton never leaves this process.
    private const int LengthBytes = 5;

    private byte[] bytes = new byte[4096];

    public int Length { get; private set; }

    public byte[] Array => bytes;

    public Span<byte> Append(long count)
    {
        if (count > Math.Min(limit, System.Array.MaxLength) - Length)
        {
            throw new BadInputException(ErrorCode.Limit, FormattableString.Invariant(
                $"{name}: the graph without its weights takes more than {Text.Bytes(limit)}; {ReadLimits.Raise("graph-bytes")}"));
        }

        int end = Length + (int)count;
        if (end > bytes.Length)
        {
            System.Array.Resize(ref bytes, (int)Math.Min(System.Array.MaxLength, Math.Max(end, bytes.Length * 2L)));
        }

        Span<byte> span = bytes.AsSpan(Length, (int)count);
        Length = end;
        return span;
    }

    public void AppendVarint(ulong value)
    {
        WireFormat.WriteVarint(Append(WireFormat.VarintSize(value)), value);
    }

    /// <summary>Leaves room for a length; <see cref="EndMessage"/> fills it in.</summary>
    public int BeginMessage()
    {
        Append(LengthBytes);
        return Length;
    }

    public void EndMessage(int start)
    {
        uint length = (uint)(Length - start);
        Span<byte> place = bytes.AsSpan(start - LengthBytes, LengthBytes);
        for (int i = 0; i < LengthBytes - 1; i++)
        {
            place[i] = (byte)((length >> (7 * i)) | 0x80);
        }

        place[^1] = (byte)(length >> (7 * (LengthBytes - 1)));
    }
}
