using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// Random shares of entries whose stored type has at most 24 digits (all but float64), several entries at a time. A draw has
/// 28 bits, so that every product and sum on the way is exact in float64, and the result does not depend on how many entries
/// are computed together. Source: growth-math, section 10, number 1.
/// </summary>
internal readonly struct NarrowShares(RandomStream random, int precision, int minExponent)
{
    /// <summary>Digits of the widest type that this divides.</summary>
    public const int MaxPrecision = 24;

    private const int DrawBits = 28;
    private const ulong SignBit = 1UL << 63;
    private const ulong ExponentBits = 0x7FFUL << 52;

    /// <summary>2^52: its last bits count in ones, so that integers below it become float64 by an OR and a subtraction.</summary>
    private const double OnesInLastBits = 1L << 52;

    /// <summary>Replaces entries by their shares for one copy, drawn for each entry.</summary>
    // Not compiled ahead of time, as its vectors' length is the machine's: so compiled once, and well.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Split(Span<double> entries, in RecipePiece piece)
    {
        bool last = piece.Ordinal == piece.Copies - 1;
        ulong state = random.State((ulong)piece.Group, last ? 0 : (ulong)piece.Ordinal);
        Vector<ulong> states = new Vector<ulong>(state) + RandomStream.Steps;
        int i = 0;
        for (; i <= entries.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Span<double> block = entries.Slice(i, Vector<double>.Count);
            Share(new Vector<double>(block), states, piece.Copies, last, piece.Ordinal == 0).CopyTo(block);
            states += RandomStream.Stride;
        }

        if (i < entries.Length)
        {
            Span<double> rest = stackalloc double[Vector<double>.Count];
            entries[i..].CopyTo(rest);
            Share(new Vector<double>(rest), states, piece.Copies, last, piece.Ordinal == 0).CopyTo(rest);
            rest[..(entries.Length - i)].CopyTo(entries[i..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<double> Share(Vector<double> entry, Vector<ulong> states, long copies, bool last, bool first)
    {
        // |entry| = whole * grid + rest, where whole counts steps of the stored type's grid at entry.
        Vector<double> size = Vector.Abs(entry);
        Vector<ulong> exponent = Vector.AsVectorUInt64(size) & new Vector<ulong>(ExponentBits);
        Vector<double> grid = Vector.Max(
            Vector.AsVectorDouble(exponent) * new Vector<double>(Shares.PowerOfTwo(1 - precision)),
            new Vector<double>(Shares.PowerOfTwo(minExponent)));
        Vector<double> inverse = Vector.AsVectorDouble(new Vector<ulong>(2046UL << 52) - Vector.AsVectorUInt64(grid));
        Vector<double> whole = Vector.Floor(size * inverse);
        Vector<double> share;
        if (last)
        {
            Vector<double> others = Draw(whole, states, copies);
            for (long j = 1; j < copies - 1; j++)
            {
                states += new Vector<ulong>(RandomStream.LaneStep);
                others += Draw(whole, states, copies);
            }

            share = size - (others * grid);
        }
        else
        {
            share = Draw(whole, states, copies) * grid;
        }

        Vector<double> signed = Vector.AsVectorDouble(
            Vector.AsVectorUInt64(share) ^ (Vector.AsVectorUInt64(entry) & new Vector<ulong>(SignBit)));
        Vector<long> finite = Vector.LessThan(size, new Vector<double>(double.PositiveInfinity));
        return Vector.ConditionalSelect(finite, signed, first ? entry : Vector<double>.Zero);
    }

    /// <summary>Uniform in [0, 2 whole / copies), rounded down: all but the last together stay below 2 whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Draw(Vector<double> whole, Vector<ulong> states, long copies)
    {
        Vector<ulong> bits = RandomStream.Mix(states) >> (64 - DrawBits);
        Vector<double> ones = new(OnesInLastBits);
        Vector<double> drawn = Vector.AsVectorDouble(bits | Vector.AsVectorUInt64(ones)) - ones;
        Vector<double> scaled = whole * (drawn * new Vector<double>(1.0 / (1L << (DrawBits - 1))));
        return Vector.Floor(copies == 2 ? scaled * new Vector<double>(0.5) : scaled / new Vector<double>((double)copies));
    }
}
