using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Small tensors as messages, and what a tensor message says of its size.</summary>
public static class Tensors
{
    /// <summary>The highest rank that is read; runtimes stop far below.</summary>
    public const int MaxRank = 64;

    /// <summary>The number of elements by the tensor's dims; 1 for a scalar.</summary>
    /// <exception cref="BadInputException">A dim is negative, there are too many, or the product overflows.</exception>
    public static long CountOf(TensorProto t) => CountOf(t, $"tensor '{Text.Name(t.Name)}'");

    /// <summary>An int64 tensor.</summary>
    public static TensorProto Int64(string name, long[] dims, params long[] values) =>
        Make(name, ElementType.Int64, dims, MemoryMarshal.AsBytes<long>(values));

    /// <summary>A float32 tensor.</summary>
    public static TensorProto Float32(string name, long[] dims, params float[] values) =>
        Make(name, ElementType.Float32, dims, MemoryMarshal.AsBytes<float>(values));

    /// <summary>A float64 tensor.</summary>
    public static TensorProto Float64(string name, long[] dims, params double[] values) =>
        Make(name, ElementType.Float64, dims, MemoryMarshal.AsBytes<double>(values));

    /// <summary>A tensor of any floating-point type (rounded to nearest) or integer type.</summary>
    public static TensorProto Numbers(string name, ElementType type, long[] dims, params double[] values)
    {
        int size = (int)ElementTypes.ByteLength(type, 1);
        byte[] bytes = new byte[checked(size * values.Length)];
        for (int i = 0; i < values.Length; i++)
        {
            Scalar(name, type, values[i]).RawData.Span.CopyTo(bytes.AsSpan(i * size));
        }

        return Make(name, type, dims, bytes);
    }

    /// <summary>A tensor without dims: a floating-point type (rounded to nearest), an integer type or bool.</summary>
    public static TensorProto Scalar(string name, ElementType type, double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes = bytes[..(int)Math.Min(8, ElementTypes.ByteLength(type, 1))];
        if (ElementTypes.IsGrowable(type))
        {
            ElementTypes.FromDoubles(type, [value], bytes);
        }
        else
        {
            WriteInteger(type, value, bytes);
        }

        return Make(name, type, [], bytes);
    }

    internal static long CountOf(TensorProto tensor, string who)
    {
        if (tensor.Dims.Count > MaxRank)
        {
            throw new BadInputException(ErrorCode.ModelData, FormattableString.Invariant(
                $"{who}: has rank {tensor.Dims.Count}; at most {MaxRank} can be right"));
        }

        // A zero anywhere makes the tensor empty, whatever the product of the others is.
        UInt128 count = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim < 0)
            {
                throw new BadInputException(ErrorCode.ModelData, FormattableString.Invariant(
                    $"{who}: has the negative dim {dim} in its shape {ShapeText(tensor)}"));
            }

            count = tensor.Dims.Contains(0) ? 0 : count * (ulong)dim;
            if (count > long.MaxValue)
            {
                throw new BadInputException(ErrorCode.ModelData, $"{who}: its shape {ShapeText(tensor)} has more elements than 64 bits can count");
            }
        }

        return (long)count;
    }

    internal static string ShapeText(TensorProto tensor)
    {
        const int Shown = 8;
        string dims = string.Join(" x ", tensor.Dims.Take(Shown).Select(dim => FormattableString.Invariant($"{dim}")));
        return tensor.Dims.Count > Shown ? $"[{dims} x ...]" : $"[{dims}]";
    }

    internal static string TypeText(TensorProto tensor) => ((ElementType)tensor.DataType).ToString();

    private static TensorProto Make(string name, ElementType type, long[] dims, ReadOnlySpan<byte> bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(dims);
        if (ElementTypes.ByteLength(type, CountOf(tensor)) != bytes.Length)
        {
            throw new ArgumentException($"the values of '{name}' do not fill its shape {ShapeText(tensor)}", nameof(dims));
        }

        return tensor;
    }

    private static void WriteInteger(ElementType type, double value, Span<byte> bytes)
    {
        if (type is ElementType.Complex64 or ElementType.Complex128 || ElementTypes.Bits(type) < 8 || IsSmallFloat(type))
        {
            throw new NotSupportedException($"a scalar of type {type} cannot be made of a number");
        }

        Int128 whole = Int128.CreateSaturating(value);
        if (whole != ElementLimits(type, whole) || (double)whole != value)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"not a value of type {type}");
        }

        Span<byte> wide = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(wide, whole);
        wide[..bytes.Length].CopyTo(bytes);
    }

    private static bool IsSmallFloat(ElementType type) =>
        type is >= ElementType.Float8E4M3FN and <= ElementType.Float8E5M2FNUZ or ElementType.Float8E8M0;

    private static Int128 ElementLimits(ElementType type, Int128 value) => type switch
    {
        ElementType.Bool => Int128.Clamp(value, 0, 1),
        ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64 =>
            Int128.Clamp(value, 0, (Int128.One << ElementTypes.Bits(type)) - 1),
        _ => Int128.Clamp(
            value, -(Int128.One << (ElementTypes.Bits(type) - 1)), (Int128.One << (ElementTypes.Bits(type) - 1)) - 1),
    };
}
