using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>What the head of a .npy file says of the array that follows.</summary>
/// <param name="ElementType">The type of the elements.</param>
/// <param name="Dims">The extents, outermost first.</param>
/// <param name="Bytes">The length of the array.</param>
internal sealed partial record NpyHeader(ElementType ElementType, IReadOnlyList<long> Dims, long Bytes)
{
    private const int MaxHeader = 64 << 10;

    /// <summary>Where the text of a written head begins.</summary>
    private const int TextStart = 10;

    /// <summary>A written head is filled up, so that the array begins at a multiple of this.</summary>
    private const int Alignment = 64;

    private static readonly (string Name, ElementType Type)[] Types =
    [
        ("<f2", ElementType.Float16), ("<f4", ElementType.Float32), ("<f8", ElementType.Float64), ("<i4", ElementType.Int32),
        ("<i8", ElementType.Int64), ("|u1", ElementType.UInt8), ("|b1", ElementType.Bool),
    ];

    /// <summary>Reads the head, and leaves the stream where the array begins.</summary>
    /// <param name="file">The file, at its beginning.</param>
    /// <param name="path">Its name for messages.</param>
    /// <param name="most">Longest array, in bytes.</param>
    public static NpyHeader Read(Stream file, string path, long most)
    {
        byte[] start = new byte[12];
        file.ReadExactly(start, 0, 10);
        if (start[0] != 0x93 || !start.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
        {
            throw Bad(path, "it is not a .npy file");
        }

        long length = BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8));
        if (start[6] >= 2)
        {
            file.ReadExactly(start, 10, 2);
            length = BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8));
        }

        if (length > MaxHeader)
        {
            throw Bad(path, "its header is too long");
        }

        byte[] header = new byte[length];
        file.ReadExactly(header);
        (ElementType type, long[] dims) = Parse(Encoding.Latin1.GetString(header), path);
        return new NpyHeader(type, dims, ByteLength(type, dims, most, path));
    }

    /// <summary>Whether NumPy has a type for elements.</summary>
    public static bool Knows(ElementType type) => Types.Any(t => t.Type == type);

    /// <summary>Writes the head of an array whose type is known.</summary>
    public static void Write(Stream stream, ElementType type, IReadOnlyCollection<long> dims)
    {
        string name = Types.First(t => t.Type == type).Name;
        string shape = string.Concat(dims.Select(d => d.ToString(CultureInfo.InvariantCulture) + ", ")).TrimEnd();
        string text = $"{{'descr': '{name}', 'fortran_order': False, 'shape': ({(dims.Count == 1 ? shape : shape.TrimEnd(','))}), }}";
        int length = ((TextStart + text.Length + 1 + Alignment - 1) / Alignment * Alignment) - TextStart;
        stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)length, (byte)(length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n"));
    }

    public static BadInputException Bad(string path, string why) => new($"'{Text.Name(path)}': {why}");

    private static (ElementType Type, long[] Dims) Parse(string header, string path)
    {
        string type = TypePattern().Match(header).Groups[1].Value;
        Match shape = ShapePattern().Match(header);
        if (!shape.Success || header.Contains("'fortran_order': True", StringComparison.Ordinal))
        {
            throw Bad(path, "only arrays in C order are read; save it with numpy.ascontiguousarray");
        }

        ElementType element = Types.FirstOrDefault(t => t.Name == type).Type;
        if (element == ElementType.Undefined)
        {
            throw Bad(path, $"its type '{Text.Name(type)}' is not one of {string.Join(' ', Types.Select(t => t.Name))}");
        }

        long[] dims = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(d => long.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : throw Bad(path, "its shape is broken"))];
        return (element, dims);
    }

    private static long ByteLength(ElementType type, IReadOnlyList<long> dims, long most, string path)
    {
        Int128 count = 1;
        foreach (long dim in dims)
        {
            count *= dim;
            if (count > most)
            {
                throw Bad(path, $"its shape ({string.Join(", ", dims)}) asks for more than {Text.Bytes(most)}");
            }
        }

        Int128 bytes = count * (ElementTypes.Bits(type) / 8);
        return bytes <= most ? (long)bytes : throw Bad(path, $"its shape ({string.Join(", ", dims)}) asks for more than {Text.Bytes(most)}");
    }

    [GeneratedRegex("'descr':\\s*'([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex TypePattern();

    [GeneratedRegex("'shape':\\s*\\(([0-9, ]*)\\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapePattern();
}
