using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>
/// Sums of stored entries against what they should be, many lanes at once. True means that every sum is exact and equal;
/// false that one is not, or that it takes more care to tell.
/// </summary>
/// <remarks>
/// The rounding error of a sum of two is itself a number of their type, and TwoSum finds it (Knuth; exact without overflow,
/// subnormal numbers included). An infinity or a NaN anywhere makes it NaN, which is not zero.
/// </remarks>
internal static class ExactLanes
{
    private const int Tile = 256;

    /// <summary>Whether a + b = expected, entry by entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool PairsHold<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, ReadOnlySpan<T> expected)
        where T : unmanaged, INumber<T>
    {
        int whole = expected.Length - (expected.Length % Vector<T>.Count);
        ReadOnlySpan<Vector<T>> left = MemoryMarshal.Cast<T, Vector<T>>(a[..whole]);
        ReadOnlySpan<Vector<T>> right = MemoryMarshal.Cast<T, Vector<T>>(b[..whole])[..left.Length];
        ReadOnlySpan<Vector<T>> wanted = MemoryMarshal.Cast<T, Vector<T>>(expected[..whole])[..left.Length];
        for (int i = 0; i < left.Length; i++)
        {
            Vector<T> sum = left[i] + right[i];
            Vector<T> part = sum - left[i];
            Vector<T> error = (left[i] - (sum - part)) + (right[i] - part);
            if (!Vector.EqualsAll(sum, wanted[i]) || !Vector.EqualsAll(error, Vector<T>.Zero))
            {
                return false;
            }
        }

        for (int i = whole; i < expected.Length; i++)
        {
            T sum = a[i] + b[i];
            T part = sum - a[i];
            if (sum != expected[i] || (a[i] - (sum - part)) + (b[i] - part) != T.Zero)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether entries sum to what is expected, added one after the other in float64.</summary>
    /// <param name="entries">Where the terms are: float32 or float64.</param>
    /// <param name="at">Where each run of terms begins.</param>
    /// <param name="expected">The sums.</param>
    public static bool SumsHold<T>(ReadOnlySpan<T> entries, ReadOnlySpan<int> at, ReadOnlySpan<T> expected)
        where T : unmanaged
    {
        Span<double> sums = stackalloc double[Tile];
        Span<double> next = stackalloc double[Tile];
        for (int start = 0; start < expected.Length; start += Tile)
        {
            int length = Math.Min(Tile, expected.Length - start);
            sums = sums[..length];
            next = next[..length];
            Widen(entries.Slice(at[0] + start, length), sums);
            foreach (int term in at[1..])
            {
                Widen(entries.Slice(term + start, length), next);
                if (!AddExactly(next, sums))
                {
                    return false;
                }
            }

            Widen(expected.Slice(start, length), next);
            if (!AreEqual(sums, next))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether no entry is an infinity or not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreFinite<T>(ReadOnlySpan<T> entries, T largest)
        where T : unmanaged, INumber<T>
    {
        int whole = entries.Length - (entries.Length % Vector<T>.Count);
        foreach (Vector<T> lanes in MemoryMarshal.Cast<T, Vector<T>>(entries[..whole]))
        {
            if (!Vector.LessThanOrEqualAll(Vector.Abs(lanes), new Vector<T>(largest)))
            {
                return false;
            }
        }

        foreach (T entry in entries[whole..])
        {
            if (!T.IsFinite(entry))
            {
                return false;
            }
        }

        return true;
    }

    private static void Widen<T>(ReadOnlySpan<T> entries, Span<double> wide)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            WideLanes.ToDoubles(MemoryMarshal.Cast<T, float>(entries), wide);
        }
        else
        {
            MemoryMarshal.Cast<T, double>(entries).CopyTo(wide);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AddExactly(ReadOnlySpan<double> terms, Span<double> sums)
    {
        int whole = terms.Length - (terms.Length % Vector<double>.Count);
        ReadOnlySpan<Vector<double>> add = MemoryMarshal.Cast<double, Vector<double>>(terms[..whole]);
        Span<Vector<double>> to = MemoryMarshal.Cast<double, Vector<double>>(sums[..whole])[..add.Length];
        for (int i = 0; i < add.Length; i++)
        {
            Vector<double> sum = to[i] + add[i];
            Vector<double> part = sum - to[i];
            Vector<double> error = (to[i] - (sum - part)) + (add[i] - part);
            if (!Vector.EqualsAll(error, Vector<double>.Zero))
            {
                return false;
            }

            to[i] = sum;
        }

        for (int i = whole; i < terms.Length; i++)
        {
            DoubleDouble sum = DoubleDouble.Sum(sums[i], terms[i]);
            if (sum.Low != 0)
            {
                return false;
            }

            sums[i] = sum.High;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreEqual(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int whole = a.Length - (a.Length % Vector<double>.Count);
        ReadOnlySpan<Vector<double>> left = MemoryMarshal.Cast<double, Vector<double>>(a[..whole]);
        ReadOnlySpan<Vector<double>> right = MemoryMarshal.Cast<double, Vector<double>>(b[..whole])[..left.Length];
        for (int i = 0; i < left.Length; i++)
        {
            if (!Vector.EqualsAll(left[i], right[i]))
            {
                return false;
            }
        }

        for (int i = whole; i < a.Length; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }
}
