namespace OnnxGrow.Runtime.Comparison;

/// <summary>How large a tensor's entries are.</summary>
internal static class Magnitudes
{
    public const double SmallestNormal = 2.2250738585072014e-308;

    private const int Exponents = 2048;

    /// <summary>max |a| over the finite entries.</summary>
    public static double Largest(double[] values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = double.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
        }

        return largest;
    }

    /// <summary>The floor of relative differences; see <see cref="TensorComparison.Scale"/>.</summary>
    public static double Scale(double[] values, double largest)
    {
        if (largest == 0)
        {
            return 1;
        }

        // By exponents alone: one pass, and a power of two is all that is wanted. Zeros and subnormals count as 0.
        long[] counts = new long[Exponents];
        long finite = 0;
        foreach (double value in values)
        {
            int exponent = (int)(BitConverter.DoubleToInt64Bits(value) >> 52) & (Exponents - 1);
            if (exponent != Exponents - 1)
            {
                counts[exponent]++;
                finite++;
            }
        }

        long above = 0;
        for (int exponent = Exponents - 2; exponent > 0; exponent--)
        {
            above += counts[exponent];
            if (above * 4 >= finite)
            {
                return PowerOfTwo(exponent);
            }
        }

        return Math.Max(SmallestNormal, PowerOfTwo((int)(BitConverter.DoubleToInt64Bits(largest) >> 52)));
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)exponent << 52);
}
