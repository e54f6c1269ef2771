using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>
/// The inverse of <see cref="WireStripper"/>: plans the file that a serialised skeleton stands for, with every payload
/// in its place and the lengths of the messages around it grown to suit. The payloads themselves are not touched yet.
/// </summary>
internal sealed class WireSplicer
{
    private const long NoHeader = -1;

    private readonly byte[] skeleton;
    private readonly WireReader reader;
    private readonly IReadOnlyList<Payload> payloads;
    private readonly List<Edit> edits = [];

    private WireSplicer(byte[] skeleton, IReadOnlyList<Payload> payloads)
    {
        this.skeleton = skeleton;
        reader = new WireReader(skeleton, "the model");
        this.payloads = payloads;
    }

    /// <summary>Plans a file. Payload numbers in the skeleton are 1 + the index in <paramref name="payloads"/>.</summary>
    public static OutputPlan Splice(byte[] skeleton, IReadOnlyList<Payload> payloads)
    {
        var splicer = new WireSplicer(skeleton, payloads);
        splicer.Measure(WireSchema.Model, skeleton.Length);
        return splicer.Plan();
    }

    // Gives the new length of the message up to `end`, and notes what changes in it, in the order of the file.
    private long Measure(WireSchema schema, int end)
    {
        if (schema.IsTensor)
        {
            return MeasureTensor(end);
        }

        long length = end - reader.Position;
        while (reader.Position < end)
        {
            uint tag = reader.ReadTag(end);
            uint field = tag >> 3;
            if ((tag & 7) == WireFormat.Bytes && schema.Child(field) is { HoldsTensors: true } child)
            {
                length += MeasureChild(child, (int)reader.Position, end, field);
            }
            else
            {
                reader.SkipValue(tag, end, ReadLimits.DefaultMaxDepth);
            }
        }

        return length;
    }

    // The number is at the end of the tensor. The elements go where their field belongs by its number, as exporters
    // write it: a model that is not changed comes out byte for byte.
    private long MeasureTensor(int end)
    {
        int begin = (int)reader.Position;
        int number = end;
        int afterNumber = end;
        Payload? payload = null;
        while (reader.Position < end)
        {
            int start = (int)reader.Position;
            uint tag = reader.ReadTag(end);
            if (tag >> 3 == TensorProto.PayloadFieldNumber)
            {
                payload = payloads[(int)reader.ReadVarint(end) - 1];
                (number, afterNumber) = (start, (int)reader.Position);
            }
            else
            {
                reader.SkipValue(tag, end, ReadLimits.DefaultMaxDepth);
            }
        }

        if (payload is null)
        {
            return end - begin;
        }

        int place = PlaceOf((uint)payload.Field, begin, number);
        uint header = WireFormat.Tag(payload.Field, WireFormat.Bytes);
        long bytes = payload.Data.ByteLength;
        edits.Add(new Edit(place, place, header, bytes, payload.Data));
        edits.Add(new Edit(number, afterNumber, 0, NoHeader, null));
        reader.Position = end;
        return end - begin - (afterNumber - number)
            + WireFormat.VarintSize(header) + WireFormat.VarintSize((ulong)bytes) + bytes;
    }

    private int PlaceOf(uint field, int begin, int end)
    {
        reader.Position = begin;
        while (reader.Position < end)
        {
            int start = (int)reader.Position;
            uint tag = reader.ReadTag(end);
            if (tag >> 3 > field)
            {
                return start;
            }

            reader.SkipValue(tag, end, ReadLimits.DefaultMaxDepth);
        }

        return end;
    }

    private long MeasureChild(WireSchema child, int afterTag, int end, uint field)
    {
        long old = reader.ReadLength(end, field);
        int content = (int)reader.Position;
        int index = edits.Count;
        edits.Add(default);
        long now = Measure(child, content + (int)old);
        edits[index] = new Edit(afterTag, content, 0, now, null);
        return now - old + WireFormat.VarintSize((ulong)now) - (content - afterTag);
    }

    private OutputPlan Plan()
    {
        var plan = new OutputPlan();
        // Tags take at most 5 bytes and lengths 10: one buffer holds all headers, and slices of it stay valid.
        byte[] headers = new byte[edits.Count * 16];
        int used = 0;
        int done = 0;
        foreach (Edit edit in edits)
        {
            plan.Add(skeleton.AsMemory(done, edit.Start - done));
            int begin = used;
            if (edit.Tag != 0)
            {
                used += WireFormat.WriteVarint(headers.AsSpan(used), edit.Tag);
            }

            if (edit.Length != NoHeader)
            {
                used += WireFormat.WriteVarint(headers.AsSpan(used), (ulong)edit.Length);
            }

            plan.Add(headers.AsMemory(begin, used - begin));
            if (edit.Data is not null)
            {
                plan.Add(edit.Data);
            }

            done = edit.End;
        }

        plan.Add(skeleton.AsMemory(done));
        return plan;
    }

    // Skeleton bytes [Start, End) become a tag (0: none), a length (NoHeader: none) and the data.
    private readonly record struct Edit(int Start, int End, uint Tag, long Length, TensorData? Data);
}
