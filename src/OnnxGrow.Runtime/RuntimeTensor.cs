using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>A tensor in memory: what goes into a session and what comes out. It knows nothing of ONNX Runtime's types.</summary>
public sealed class RuntimeTensor
{
    /// <summary>Makes a tensor from its stored form.</summary>
    /// <param name="elementType">The type of the elements; not strings, nothing smaller than a byte.</param>
    /// <param name="dims">The extents, outermost first; empty for a scalar.</param>
    /// <param name="bytes">The elements, little-endian, in C order; not copied.</param>
    /// <exception cref="ArgumentException">The bytes are not as many as type and dims ask for.</exception>
    public RuntimeTensor(ElementType elementType, IEnumerable<long> dims, byte[] bytes)
    {
        ElementType = elementType;
        Dims = [.. dims];
        Count = Dims.Aggregate(1L, (product, dim) => checked(product * dim));
        Buffer = bytes;
        if (ElementTypes.Bits(elementType) < 8 || bytes.LongLength != ElementTypes.ByteLength(elementType, Count))
        {
            throw new ArgumentException(
                $"{bytes.LongLength} bytes do not make a tensor {elementType}[{string.Join(", ", Dims)}]", nameof(bytes));
        }
    }

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>The elements, little-endian, in C order.</summary>
    public ReadOnlyMemory<byte> Bytes => Buffer;

    /// <summary>Whether the elements are floating-point numbers.</summary>
    public bool IsFloat => ElementTypes.IsGrowable(ElementType);

    internal byte[] Buffer { get; }

    /// <summary>Makes a tensor of any numeric type from float64 values, rounded to nearest; integers truncate.</summary>
    public static RuntimeTensor FromDoubles(ElementType elementType, IEnumerable<long> dims, ReadOnlySpan<double> values)
    {
        byte[] bytes = new byte[ElementTypes.ByteLength(elementType, values.Length)];
        if (ElementTypes.IsGrowable(elementType))
        {
            ElementTypes.FromDoubles(elementType, values, bytes);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                WriteInteger(elementType, bytes, i, (long)values[i]);
            }
        }

        return new RuntimeTensor(elementType, dims, bytes);
    }

    /// <summary>Reads the elements of a model's tensor into memory.</summary>
    /// <param name="data">The elements.</param>
    /// <param name="dims">The extents, outermost first.</param>
    public static RuntimeTensor Of(TensorData data, IEnumerable<long> dims)
    {
        byte[] bytes = new byte[data.ByteLength];
        data.ReadBytes(0, bytes);
        return new RuntimeTensor(data.ElementType, dims, bytes);
    }

    /// <summary>Makes a tensor of an integer type or bool.</summary>
    public static RuntimeTensor FromIntegers(ElementType elementType, IEnumerable<long> dims, ReadOnlySpan<long> values)
    {
        if (ElementTypes.IsGrowable(elementType))
        {
            double[] doubles = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                doubles[i] = values[i];
            }

            return FromDoubles(elementType, dims, doubles);
        }

        byte[] bytes = new byte[ElementTypes.ByteLength(elementType, values.Length)];
        for (int i = 0; i < values.Length; i++)
        {
            WriteInteger(elementType, bytes, i, values[i]);
        }

        return new RuntimeTensor(elementType, dims, bytes);
    }

    /// <summary>The elements as float64; exact for every type but 64-bit integers beyond 2^53.</summary>
    public double[] ToDoubles()
    {
        double[] values = new double[Count];
        ElementTypes.ToDoubles(ElementType, Buffer, values);
        return values;
    }

    /// <summary>The same values in another type; the tensor itself where it has that type already.</summary>
    public RuntimeTensor ConvertTo(ElementType elementType) =>
        elementType == ElementType ? this : FromDoubles(elementType, Dims, ToDoubles());

    /// <summary>Type and extents, for messages.</summary>
    public override string ToString() => $"{ElementType}[{string.Join(", ", Dims)}]";

    private static void WriteInteger(ElementType type, byte[] bytes, int index, long value)
    {
        switch (ElementTypes.Bits(type))
        {
            case 8:
                bytes[index] = type == ElementType.Bool ? (byte)(value != 0 ? 1 : 0) : (byte)value;
                break;
            case 16:
                MemoryMarshal.Cast<byte, short>(bytes.AsSpan())[index] = (short)value;
                break;
            case 32:
                MemoryMarshal.Cast<byte, int>(bytes.AsSpan())[index] = (int)value;
                break;
            case 64:
                MemoryMarshal.Cast<byte, long>(bytes.AsSpan())[index] = value;
                break;
            default:
                throw new NotSupportedException($"no tensor of type {type} can be made from numbers");
        }
    }
}
