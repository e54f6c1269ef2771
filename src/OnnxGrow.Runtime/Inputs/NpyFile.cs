using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>Reads NumPy's .npy files: little-endian, C order, f2 f4 f8 i4 i8 b1.</summary>
public static partial class NpyFile
{
    private const int MaxHeader = 64 << 10;
    private const long MaxBytes = 4L << 30;

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadInputException">The file is not what this reads; the message says why.</exception>
    public static RuntimeTensor Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"'{Text.Name(path)}' cannot be read: {e.Message}", e);
        }
    }

    private static RuntimeTensor Read(FileStream file, string path)
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
        long bytes = ByteLength(type, dims);
        if (bytes < 0 || bytes != file.Length - file.Position)
        {
            throw Bad(path, $"its shape asks for {bytes} bytes and it holds {file.Length - file.Position}");
        }

        byte[] data = new byte[bytes];
        file.ReadExactly(data);
        return new RuntimeTensor(type, dims, data);
    }

    private static (ElementType Type, long[] Dims) Parse(string header, string path)
    {
        string type = TypePattern().Match(header).Groups[1].Value;
        Match shape = ShapePattern().Match(header);
        if (!shape.Success || header.Contains("'fortran_order': True", StringComparison.Ordinal))
        {
            throw Bad(path, "only arrays in C order are read; save it with numpy.ascontiguousarray");
        }

        ElementType element = type switch
        {
            "<f4" => ElementType.Float32,
            "<f8" => ElementType.Float64,
            "<f2" => ElementType.Float16,
            "<i4" => ElementType.Int32,
            "<i8" => ElementType.Int64,
            "|b1" => ElementType.Bool,
            _ => throw Bad(path, $"its type '{Text.Name(type)}' is not one of <f2 <f4 <f8 <i4 <i8 |b1"),
        };
        long[] dims = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(d => long.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : throw Bad(path, "its shape is broken"))];
        return (element, dims);
    }

    private static long ByteLength(ElementType type, long[] dims)
    {
        Int128 count = 1;
        foreach (long dim in dims)
        {
            count *= dim;
            if (count > MaxBytes)
            {
                return -1;
            }
        }

        return ElementTypes.ByteLength(type, (long)count);
    }

    private static BadInputException Bad(string path, string why) => new($"'{Text.Name(path)}': {why}");

    [GeneratedRegex("'descr':\\s*'([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex TypePattern();

    [GeneratedRegex("'shape':\\s*\\(([0-9, ]*)\\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapePattern();
}
