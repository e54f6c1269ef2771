using System.Text.Unicode;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>
/// Reads a model file as a skeleton: the same protobuf message, with the elements of every large tensor replaced by a
/// number in the payload table. What is replaced is skipped, not read: a file of gigabytes takes milliseconds.
/// <see cref="WireSplicer"/> is the inverse.
/// </summary>
internal sealed class WireStripper
{
    private readonly WireReader reader;
    private readonly DataFile? file;
    private readonly ReadLimits limits;
    private readonly PayloadTable payloads;
    private readonly SkeletonBuffer output;
    private int messages;

    private WireStripper(WireReader reader, DataFile? file, ReadLimits limits, PayloadTable payloads)
    {
        this.reader = reader;
        this.file = file;
        this.limits = limits;
        this.payloads = payloads;
        output = new SkeletonBuffer(reader.Name, limits.MaxGraphBytes);
    }

    /// <summary>Gives the skeleton of a file and adds what was left out to the table.</summary>
    public static ArraySegment<byte> Strip(DataFile file, ReadLimits limits, PayloadTable payloads) =>
        new WireStripper(new WireReader(file), file, limits, payloads).Run();

    /// <summary>Checks bytes in memory in the same way; all elements stay in the message.</summary>
    public static ArraySegment<byte> Check(byte[] bytes, string name, ReadLimits limits) =>
        new WireStripper(new WireReader(bytes, name), null, limits, new PayloadTable()).Run();

    private ArraySegment<byte> Run()
    {
        Message(WireSchema.Model, reader.Length, 0);
        return new ArraySegment<byte>(output.Array, 0, output.Length);
    }

    private void Message(WireSchema schema, long end, int depth)
    {
        if (++messages > limits.MaxMessages)
        {
            throw new BadInputException(
                ErrorCode.Model, $"{reader.Name}: has more than {Text.Number(limits.MaxMessages)} parts; {ReadLimits.Raise("messages")}");
        }

        if (depth > limits.MaxDepth)
        {
            throw new BadInputException(
                ErrorCode.Model, $"{reader.Name}: is nested deeper than {limits.MaxDepth} levels; {ReadLimits.Raise("depth")}");
        }

        uint payloadField = schema.IsTensor ? PayloadField(end, depth) : 0;
        while (reader.Position < end)
        {
            Field(schema, end, depth, payloadField);
        }
    }

    private void Field(WireSchema schema, long end, int depth, uint payloadField)
    {
        long start = reader.Position;
        uint tag = reader.ReadTag(end);
        uint field = tag >> 3;
        if ((tag & 7) != WireFormat.Bytes)
        {
            reader.SkipValue(tag, end, limits.MaxDepth - depth);
            CopyFrom(start);
            return;
        }

        long length = reader.ReadLength(end, field);
        if (schema.Child(field) is { } child)
        {
            output.AppendVarint(tag);
            int begin = output.BeginMessage();
            Message(child, reader.Position + length, depth + 1);
            output.EndMessage(begin);
        }
        else if (field == payloadField)
        {
            long index = payloads.Add(new Payload(FileTensorData.Bytes(file!, reader.Position, length), (int)field, false));
            output.AppendVarint(WireFormat.Tag(TensorProto.PayloadFieldNumber, WireFormat.Varint));
            output.AppendVarint((ulong)index);
            reader.Position += length;
        }
        else
        {
            reader.Position += length;
            Span<byte> copy = CopyFrom(start);
            if (schema.IsText(field) && !Utf8.IsValid(copy[^(int)length..]))
            {
                // Reading it as text would change it silently; two names could even become the same.
                throw reader.Broken(start, FormattableString.Invariant($"text (field {field} of {schema.Name}) is not UTF-8"));
            }
        }
    }

    private Span<byte> CopyFrom(long start)
    {
        long length = reader.Position - start;
        reader.Position = start;
        Span<byte> copy = output.Append(length);
        reader.CopyTo(copy);
        return copy;
    }

    // The field of a tensor that is left in the file: the only one with elements, in one piece, and large.
    private uint PayloadField(long end, int depth)
    {
        long start = reader.Position;
        uint found = 0;
        int pieces = 0;
        while (reader.Position < end)
        {
            long at = reader.Position;
            uint tag = reader.ReadTag(end);
            uint field = tag >> 3;
            if (field == TensorProto.PayloadFieldNumber)
            {
                throw reader.Broken(at, FormattableString.Invariant($"a tensor has field {field}, which ONNX does not have"));
            }

            long value = reader.Position;
            reader.SkipValue(tag, end, limits.MaxDepth - depth);
            if (field is TensorProto.RawDataFieldNumber or TensorProto.FloatDataFieldNumber or TensorProto.DoubleDataFieldNumber)
            {
                pieces++;
                bool large = file is not null && (tag & 7) == WireFormat.Bytes && reader.Position - value > limits.InlineBytes;
                found = large ? field : found;
            }
        }

        reader.Position = start;
        return pieces == 1 ? found : 0;
    }
}
