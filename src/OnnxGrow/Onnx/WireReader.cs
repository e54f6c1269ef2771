namespace OnnxGrow.Onnx;

/// <summary>
/// A position in protobuf bytes: in a file, through a window of a few kilobytes so that what is skipped is never read,
/// or in memory. Every length is checked against the end of the message it is in.
/// </summary>
internal sealed class WireReader
{
    private const int WindowBytes = 64 << 10;

    private readonly DataFile? file;
    private readonly byte[] window;
    private long windowStart;
    private int windowLength;

    public WireReader(DataFile file)
    {
        this.file = file;
        window = new byte[(int)Math.Min(WindowBytes, Math.Max(file.Length, 1))];
        Name = Text.Name(file.DisplayPath);
        Length = file.Length;
    }

    public WireReader(byte[] bytes, string name)
    {
        window = bytes;
        windowLength = bytes.Length;
        Name = name;
        Length = bytes.Length;
    }

    public string Name { get; }

    public long Length { get; }

    public long Position { get; set; }

    public uint ReadTag(long end)
    {
        long start = Position;
        ulong tag = ReadVarint(end);
        if (tag > uint.MaxValue || tag >> 3 == 0)
        {
            throw Broken(start, "what should be a field is none");
        }

        return (uint)tag;
    }

    public ulong ReadVarint(long end)
    {
        long start = Position;
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (Position >= end)
            {
                throw Broken(start, "a number is cut off");
            }

            byte b = ByteAt(Position++);
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Broken(start, "a number has more than 10 bytes");
    }

    /// <summary>Reads the length of a field and makes sure that so many bytes are left in the message.</summary>
    public long ReadLength(long end, uint field)
    {
        long start = Position;
        ulong length = ReadVarint(end);
        if (length > (ulong)(end - Position))
        {
            throw Broken(start, FormattableString.Invariant(
                $"field {field} claims {length} bytes where {end - Position} are left"));
        }

        return (long)length;
    }

    /// <summary>Moves past the value of a field whose tag was just read; lengths are checked, nothing is kept.</summary>
    public void SkipValue(uint tag, long end, int depth)
    {
        switch (tag & 7)
        {
            case WireFormat.Varint:
                ReadVarint(end);
                break;
            case WireFormat.Fixed64:
                Skip(8, end);
                break;
            case WireFormat.Fixed32:
                Skip(4, end);
                break;
            case WireFormat.Bytes:
                // Not in one expression: reading the length moves the position.
                long length = ReadLength(end, tag >> 3);
                Position += length;
                break;
            case WireFormat.GroupStart:
                SkipGroup(tag >> 3, end, depth);
                break;
            default:
                throw Broken(Position, FormattableString.Invariant($"wire type {tag & 7} of field {tag >> 3} is not one"));
        }
    }

    public void CopyTo(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int at = Fill(Position);
            int count = Math.Min(destination.Length, windowLength - at);
            window.AsSpan(at, count).CopyTo(destination);
            destination = destination[count..];
            Position += count;
        }
    }

    public BadInputException Broken(long at, string what) => new(FormattableString.Invariant(
        $"{Name}: not a whole ONNX model: at byte {at} of {Length}, {what}; the file is cut short, damaged or not ONNX"));

    private void Skip(int count, long end)
    {
        if (end - Position < count)
        {
            throw Broken(Position, "a number is cut off");
        }

        Position += count;
    }

    private void SkipGroup(uint field, long end, int depth)
    {
        if (depth <= 0)
        {
            throw Broken(Position, "groups are nested too deeply");
        }

        while (true)
        {
            uint tag = ReadTag(end);
            if ((tag & 7) != WireFormat.GroupEnd)
            {
                SkipValue(tag, end, depth - 1);
            }
            else if (tag >> 3 == field)
            {
                return;
            }
            else
            {
                throw Broken(Position, FormattableString.Invariant($"group {field} ends as group {tag >> 3}"));
            }
        }
    }

    private byte ByteAt(long position) => window[Fill(position)];

    // Gives the index of a position in the window, moving the window there first where needed.
    private int Fill(long position)
    {
        long at = position - windowStart;
        if (at >= 0 && at < windowLength)
        {
            return (int)at;
        }

        int count = (int)Math.Min(window.Length, Length - position);
        file!.Read(position, window.AsSpan(0, count));
        windowStart = position;
        windowLength = count;
        return 0;
    }
}
