using System.Numerics;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Comparison;

/// <summary>Counts elements by how many representable numbers of the stored type lie between the two.</summary>
internal sealed class UlpHistogram(ElementType type)
{
    private readonly long[] _counts = new long[65];
    private int _used;

    public long Max { get; private set; }

    /// <summary>Equal, 1, 2-3, 4-7, ...</summary>
    public IReadOnlyList<long> Buckets => _counts[.._used];

    /// <summary>Counts an element; only those that are large enough decide the maximum.</summary>
    public void Add(RuntimeTensor a, RuntimeTensor b, int index, bool isLarge)
    {
        long apart = Distance(Ordered(a, index), Ordered(b, index));
        Max = isLarge ? Math.Max(Max, apart) : Max;
        int bucket = apart == 0 ? 0 : BitOperations.Log2((ulong)apart) + 1;
        _counts[bucket]++;
        _used = Math.Max(_used, bucket + 1);
    }

    private static long Distance(long a, long b)
    {
        UInt128 apart = a > b ? (UInt128)((Int128)a - b) : (UInt128)((Int128)b - a);
        return apart > long.MaxValue ? long.MaxValue : (long)apart;
    }

    // The bits as an integer that grows with the number: the sign bit turned to two's complement. Zeros are both 0.
    private long Ordered(RuntimeTensor tensor, int index)
    {
        ReadOnlySpan<byte> bytes = tensor.Buffer;
        return type switch
        {
            ElementType.Float32 => Turn(MemoryMarshal.Cast<byte, int>(bytes)[index], int.MinValue),
            ElementType.Float64 => Turn(MemoryMarshal.Cast<byte, long>(bytes)[index]),
            ElementType.Float16 or ElementType.BFloat16 => Turn(MemoryMarshal.Cast<byte, short>(bytes)[index], short.MinValue),
            ElementType.Int64 or ElementType.UInt64 => MemoryMarshal.Cast<byte, long>(bytes)[index],
            _ => (long)Single(tensor, index),
        };
    }

    private static double Single(RuntimeTensor tensor, int index)
    {
        int size = ElementTypes.Bits(tensor.ElementType) / 8;
        Span<double> value = stackalloc double[1];
        ElementTypes.ToDoubles(tensor.ElementType, tensor.Buffer.AsSpan(index * size, size), value);
        return value[0];
    }

    private static long Turn(long bits, long lowest) => bits < 0 ? lowest - bits : bits;

    private static long Turn(long bits) => bits < 0 ? long.MinValue - bits : bits;
}
