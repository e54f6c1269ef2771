using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OnnxGrow.Onnx;

/// <summary>Element types of ONNX tensors; the numbers are those of <c>TensorProto.DataType</c>.</summary>
public enum ElementType
{
    /// <summary>Not set.</summary>
    Undefined = 0,

    /// <summary>IEEE binary32.</summary>
    Float32 = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,

    /// <summary>UTF-8 string; has no raw form.</summary>
    String = 8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE binary16.</summary>
    Float16 = 10,

    /// <summary>IEEE binary64.</summary>
    Float64 = 11,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,

    /// <summary>Two binary32.</summary>
    Complex64 = 14,

    /// <summary>Two binary64.</summary>
    Complex128 = 15,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 16,

    /// <summary>8-bit float, 4 exponent bits, finite and NaN.</summary>
    Float8E4M3FN = 17,

    /// <summary>8-bit float, 4 exponent bits, no negative zero.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8-bit float, 5 exponent bits.</summary>
    Float8E5M2 = 19,

    /// <summary>8-bit float, 5 exponent bits, no negative zero.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>Unsigned 4-bit integer, two in a byte.</summary>
    UInt4 = 21,

    /// <summary>Signed 4-bit integer, two in a byte.</summary>
    Int4 = 22,

    /// <summary>4-bit float, two in a byte.</summary>
    Float4E2M1 = 23,

    /// <summary>8-bit power of two.</summary>
    Float8E8M0 = 24,

    /// <summary>Unsigned 2-bit integer, four in a byte.</summary>
    UInt2 = 25,

    /// <summary>Signed 2-bit integer, four in a byte.</summary>
    Int2 = 26,
}

/// <summary>Sizes and conversions of element types.</summary>
public static class ElementTypes
{
    /// <summary>Bits that one element takes in raw form; 0 where there is no raw form (strings, undefined).</summary>
    public static int Bits(ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 32,
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 8,
        ElementType.Float8E4M3FN or ElementType.Float8E4M3FNUZ or ElementType.Float8E5M2
            or ElementType.Float8E5M2FNUZ or ElementType.Float8E8M0 => 8,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 or ElementType.Complex64 => 64,
        ElementType.Complex128 => 128,
        ElementType.UInt4 or ElementType.Int4 or ElementType.Float4E2M1 => 4,
        ElementType.UInt2 or ElementType.Int2 => 2,
        _ => 0,
    };

    /// <summary>Bytes that <paramref name="count"/> elements take in raw form.</summary>
    /// <exception cref="OverflowException">The size does not fit 64 bits.</exception>
    public static long ByteLength(ElementType type, long count)
    {
        int bits = Bits(type);
        return bits >= 8 ? checked(count * (bits / 8)) : checked((count * bits) + 7) / 8;
    }

    /// <summary>Whether the type is one that a weight may be grown in: float16, bfloat16, float32 or float64.</summary>
    public static bool IsGrowable(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;

    /// <summary>Bits of the significand, the hidden one included, of a growable type.</summary>
    public static int SignificandBits(ElementType type) => type switch
    {
        ElementType.Float32 => 24,
        ElementType.Float16 => 11,
        ElementType.BFloat16 => 8,
        ElementType.Float64 => 53,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type that can be grown"),
    };

    /// <summary>The exponent of the smallest subnormal of a growable type (its value is 2 to this power).</summary>
    public static int MinExponent(ElementType type) => type switch
    {
        ElementType.Float32 => -149,
        ElementType.Float16 => -24,
        ElementType.BFloat16 => -133,
        ElementType.Float64 => -1074,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type that can be grown"),
    };

    /// <summary>Rounds to the nearest value of a growable type, ties to even, and gives it back as float64.</summary>
    public static double Round(ElementType type, double value)
    {
        switch (type)
        {
            case ElementType.Float64:
                return value;
            case ElementType.Float32:
                return (float)value;
            case ElementType.Float16:
                return (double)(Half)value;
            case ElementType.BFloat16:
                return BFloat16ToDouble(DoubleToBFloat16(value));
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type that can be grown");
        }
    }

    /// <summary>Converts stored little-endian elements to float64.</summary>
    public static void ToDoubles(ElementType type, ReadOnlySpan<byte> source, Span<double> destination)
    {
        switch (type)
        {
            case ElementType.Float32:
                WideLanes.ToDoubles(MemoryMarshal.Cast<byte, float>(source), destination);
                break;
            case ElementType.Float64:
                MemoryMarshal.Cast<byte, double>(source)[..destination.Length].CopyTo(destination);
                break;
            case ElementType.Float16:
            case ElementType.BFloat16:
                ThroughSingles(type, source, destination);
                break;
            default:
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = IntegerAt(type, source, i);
                }

                break;
        }
    }

    /// <summary>Converts stored little-endian elements of float32, float16 or bfloat16 to float32.</summary>
    internal static void ToSingles(ElementType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case ElementType.Float32:
                MemoryMarshal.Cast<byte, float>(source)[..destination.Length].CopyTo(destination);
                break;
            case ElementType.Float16:
                WideLanes.HalvesToSingles(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case ElementType.BFloat16:
                WideLanes.BFloat16ToSingles(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a type whose elements all are float32 too");
        }
    }

    /// <summary>Rounds float64 values to a growable type, to nearest and ties to even, as stored little-endian bytes.</summary>
    public static void FromDoubles(ElementType type, ReadOnlySpan<double> source, Span<byte> destination)
    {
        switch (type)
        {
            case ElementType.Float32:
                NarrowLanes.ToSingles(source, MemoryMarshal.Cast<byte, float>(destination));

                break;
            case ElementType.Float64:
                source.CopyTo(MemoryMarshal.Cast<byte, double>(destination));
                break;
            case ElementType.Float16:
                Span<Half> halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (int i = 0; i < source.Length; i++)
                {
                    halves[i] = (Half)source[i];
                }

                break;
            case ElementType.BFloat16:
                Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(destination);
                for (int i = 0; i < source.Length; i++)
                {
                    words[i] = DoubleToBFloat16(source[i]);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type that can be grown");
        }
    }

    /// <summary>Whether elements of a type can be read as float64, one by one.</summary>
    internal static bool HasDoubles(ElementType type) => Bits(type) is >= 8 and <= 64 && type != ElementType.Complex64;

    internal static void ReadStoredAsDoubles(TensorData data, long first, Span<double> destination)
    {
        int bits = Bits(data.ElementType);
        if (!HasDoubles(data.ElementType))
        {
            throw new NotSupportedException($"elements of type {data.ElementType} have no float64 form");
        }

        int size = bits / 8;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(checked(destination.Length * size));
        try
        {
            Span<byte> bytes = buffer.AsSpan(0, destination.Length * size);
            data.ReadBytes(checked(first * size), bytes);
            ToDoubles(data.ElementType, bytes, destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void ThroughSingles(ElementType type, ReadOnlySpan<byte> source, Span<double> destination)
    {
        const int Block = 256;
        Span<float> singles = stackalloc float[Block];
        for (int at = 0; at < destination.Length; at += Block)
        {
            Span<float> some = singles[..Math.Min(Block, destination.Length - at)];
            ToSingles(type, source[(2 * at)..], some);
            WideLanes.ToDoubles(some, destination.Slice(at, some.Length));
        }
    }

    private static double IntegerAt(ElementType type, ReadOnlySpan<byte> source, int index) => type switch
    {
        ElementType.Bool or ElementType.UInt8 => source[index],
        ElementType.Int8 => (sbyte)source[index],
        ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(source[(index * 2)..]),
        ElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(source[(index * 2)..]),
        ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(source[(index * 4)..]),
        ElementType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(source[(index * 4)..]),
        ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(source[(index * 8)..]),
        ElementType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(source[(index * 8)..]),
        _ => throw new NotSupportedException($"elements of type {type} have no float64 form"),
    };

    private static double BFloat16ToDouble(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static ushort DoubleToBFloat16(double value)
    {
        if (double.IsNaN(value))
        {
            return 0x7FC0;
        }

        // Rounding twice (to float32, then to bfloat16) may be off by one: round to odd first, which keeps the
        // information that the second rounding needs.
        float single = (float)value;
        uint bits = BitConverter.SingleToUInt32Bits(single);
        if (single != value && !float.IsInfinity(single) && (bits & 1) == 0)
        {
            bool away = Math.Abs((double)single) > Math.Abs(value);
            bits = away ? bits - 1 : bits + 1;
        }

        if ((bits & 0x7F800000) == 0x7F800000)
        {
            return (ushort)(bits >> 16);
        }

        uint rounding = 0x7FFF + ((bits >> 16) & 1);
        return (ushort)((bits + rounding) >> 16);
    }
}
