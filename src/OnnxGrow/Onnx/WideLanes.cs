using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxGrow.Onnx;

/// <summary>Exact conversions of stored elements to wider types, many lanes at once. Spans convert as far as the destination goes.</summary>
internal static class WideLanes
{
    /// <summary>binary32 to binary64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToDoubles(ReadOnlySpan<float> source, Span<double> destination)
    {
        int whole = destination.Length - (destination.Length % Vector<float>.Count);
        ReadOnlySpan<Vector<float>> narrow = MemoryMarshal.Cast<float, Vector<float>>(source[..whole]);
        Span<Vector<double>> wide = MemoryMarshal.Cast<double, Vector<double>>(destination[..whole]);
        for (int i = 0; i < narrow.Length; i++)
        {
            Vector.Widen(narrow[i], out wide[2 * i], out wide[(2 * i) + 1]);
        }

        for (int i = whole; i < destination.Length; i++)
        {
            destination[i] = source[i];
        }
    }

    /// <summary>bfloat16, as its bits, to binary32: the upper half of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BFloat16ToSingles(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int whole = destination.Length - (destination.Length % Vector<ushort>.Count);
        ReadOnlySpan<Vector<ushort>> narrow = MemoryMarshal.Cast<ushort, Vector<ushort>>(source[..whole]);
        Span<Vector<uint>> wide = MemoryMarshal.Cast<float, Vector<uint>>(destination[..whole]);
        for (int i = 0; i < narrow.Length; i++)
        {
            Vector.Widen(narrow[i], out Vector<uint> lower, out Vector<uint> upper);
            wide[2 * i] = lower << 16;
            wide[(2 * i) + 1] = upper << 16;
        }

        for (int i = whole; i < destination.Length; i++)
        {
            destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }

    /// <summary>binary16, as its bits, to binary32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HalvesToSingles(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int whole = destination.Length - (destination.Length % Vector<ushort>.Count);
        ReadOnlySpan<Vector<ushort>> narrow = MemoryMarshal.Cast<ushort, Vector<ushort>>(source[..whole]);
        Span<Vector<uint>> wide = MemoryMarshal.Cast<float, Vector<uint>>(destination[..whole]);
        for (int i = 0; i < narrow.Length; i++)
        {
            Vector.Widen(narrow[i], out Vector<uint> lower, out Vector<uint> upper);
            wide[2 * i] = HalfBits(lower);
            wide[(2 * i) + 1] = HalfBits(upper);
        }

        for (int i = whole; i < destination.Length; i++)
        {
            destination[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }
    }

    /// <summary>
    /// The bits of binary16 as bits of binary32. With exponent and significand moved into place the number is 2^112 times too
    /// small, whether it is subnormal or not; infinities and what is not a number get their exponent by themselves.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> HalfBits(Vector<uint> half)
    {
        Vector<uint> magnitude = (half & new Vector<uint>(0x7FFF)) << 13;
        Vector<uint> scaled = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * new Vector<float>(BitConverter.UInt32BitsToSingle(0x7780_0000)));
        var largestExponent = new Vector<uint>(0x7C00 << 13);
        Vector<uint> special = Vector.GreaterThanOrEqual(magnitude, largestExponent);
        return Vector.ConditionalSelect(special, magnitude | new Vector<uint>(0x7F80_0000), scaled) | ((half & new Vector<uint>(0x8000)) << 16);
    }
}
