using System.Numerics;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// Divides source entries among their copies. All shares of an entry but the last lie on a grid (multiples of a power of
/// two) on which the entry itself lies too, and the last is what remains: the sum is exact, not rounded.
/// Source: growth-math, section 10, number 1.
/// </summary>
internal readonly struct Shares(ElementType type, RandomStream random, RandomStream zeroSum)
{
    private const ulong FractionMask = (1UL << 52) - 1;

    private readonly int _precision = ElementTypes.SignificandBits(type);
    private readonly int _minExponent = ElementTypes.MinExponent(type);

    /// <summary>Replaces entries by their shares for one copy, drawn for each entry.</summary>
    public void SplitRandomly(Span<double> entries, in RecipePiece piece)
    {
        if (_precision <= NarrowShares.MaxPrecision)
        {
            new NarrowShares(random, _precision, _minExponent).Split(entries, piece);
            return;
        }

        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = RandomShare(entries[i], (ulong)(piece.Group + i), piece.Ordinal, piece.Copies);
        }
    }

    /// <summary>Replaces entries by an equal share each.</summary>
    public void SplitEqually(Span<double> entries, in RecipePiece piece)
    {
        double copies = piece.Copies;
        if (!BitOperations.IsPow2(piece.Copies))
        {
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = double.IsFinite(entries[i]) ? entries[i] / copies : NonFinite(entries[i], piece.Ordinal);
            }

            return;
        }

        // Halving is exact but for shares below the normal numbers of the type.
        double smallestNormal = PowerOfTwo(_minExponent + _precision - 1);
        bool last = piece.Ordinal == piece.Copies - 1;
        int halvings = BitOperations.Log2((ulong)piece.Copies);
        for (int i = 0; i < entries.Length; i++)
        {
            double share = entries[i] / copies;
            entries[i] = !double.IsFinite(share) ? NonFinite(share, piece.Ordinal)
                : Math.Abs(share) >= smallestNormal || share == 0 && entries[i] == 0 ? share
                : TinyShare(entries[i], halvings, last);
        }
    }

    /// <summary>
    /// Fills with shares that sum to exactly zero: multiples of 2^<paramref name="gridExponent"/> of deviation
    /// <paramref name="deviation"/>, the last of a group being minus the sum of the others.
    /// </summary>
    public void FillZeroSum(Span<double> entries, in RecipePiece piece, double deviation, int gridExponent)
    {
        double grid = PowerOfTwo(gridExponent);
        for (int i = 0; i < entries.Length; i++)
        {
            ulong group = (ulong)(piece.Group + i);
            double steps = 0;
            if (piece.Ordinal < piece.Copies - 1)
            {
                steps = Math.Round(zeroSum.Normal(group, (ulong)piece.Ordinal) * deviation / grid);
            }
            else
            {
                for (long j = 0; j < piece.Copies - 1; j++)
                {
                    steps -= Math.Round(zeroSum.Normal(group, (ulong)j) * deviation / grid);
                }
            }

            entries[i] = steps == 0 ? 0 : steps * grid;
        }
    }

    /// <summary>2 to a power that float64 holds.</summary>
    public static double PowerOfTwo(int exponent) => BitConverter.UInt64BitsToDouble(
        exponent >= -1022 ? (ulong)(exponent + 1023) << 52 : 1UL << (exponent + 1074));

    private double RandomShare(double entry, ulong group, long ordinal, long copies)
    {
        if (entry == 0)
        {
            return entry;
        }

        if (!double.IsFinite(entry))
        {
            return NonFinite(entry, ordinal);
        }

        // |entry| = (whole * 2^shift + rest) * 2^exponent, where whole counts steps of the stored type's grid at entry.
        (ulong significand, int exponent) = Decompose(entry);
        int gridExponent = Math.Max(exponent + 53 - _precision, _minExponent);
        int shift = gridExponent - exponent;
        ulong whole = shift < 64 ? significand >> shift : 0;
        double share;
        if (ordinal < copies - 1)
        {
            share = Draw(whole, group, ordinal, copies) * PowerOfTwo(gridExponent);
        }
        else
        {
            long left = (long)whole;
            for (long j = 0; j < copies - 1; j++)
            {
                left -= Draw(whole, group, j, copies);
            }

            share = left * PowerOfTwo(gridExponent);
            ulong rest = shift < 64 ? significand - (whole << shift) : significand;
            if (rest != 0)
            {
                share += rest * PowerOfTwo(exponent);
            }
        }

        return WithSignOf(entry, share);
    }

    /// <summary>Uniform in [0, 2 whole / copies), rounded down: all but the last together stay below 2 whole.</summary>
    private long Draw(ulong whole, ulong group, long ordinal, long copies)
    {
        ulong scaled = Math.BigMul(2 * whole, random.Bits(group, (ulong)ordinal), out _);
        return (long)(copies == 2 ? scaled >> 1 : scaled / (ulong)copies);
    }

    /// <summary>An equal share that may fall between two subnormals: rounded down, and the last copy takes what remains.</summary>
    private double TinyShare(double entry, int halvings, bool last)
    {
        (ulong significand, int exponent) = Decompose(entry);
        int shift = _minExponent + halvings - exponent;
        if (shift <= 0)
        {
            return entry / (1L << halvings);
        }

        ulong whole = shift < 64 ? significand >> shift : 0;
        ulong rest = shift < 64 ? significand - (whole << shift) : significand;
        double share = whole * PowerOfTwo(_minExponent) + (last ? rest * PowerOfTwo(exponent) : 0);
        return WithSignOf(entry, share);
    }

    /// <summary>A share times the sign of its entry, without a branch that half of all entries would mispredict.</summary>
    private static double WithSignOf(double entry, double share) => BitConverter.UInt64BitsToDouble(
        BitConverter.DoubleToUInt64Bits(share) ^ (BitConverter.DoubleToUInt64Bits(entry) & (1UL << 63)));

    private static double NonFinite(double entry, long ordinal) => ordinal == 0 ? entry : 0;

    /// <summary>|value| as an integer below 2^53 times a power of two.</summary>
    private static (ulong Significand, int Exponent) Decompose(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        int biased = (int)(bits >> 52) & 0x7FF;
        ulong fraction = bits & FractionMask;
        return biased == 0 ? (fraction, -1074) : (fraction | (1UL << 52), biased - 1075);
    }
}
