namespace OnnxGrow.Training.Preparation;

/// <summary>Recognises tensors of floats that are no weights by what they hold: masks, and sines and cosines of positions.</summary>
internal static class FixedTables
{
    private const double Tolerance = 2e-3;
    private const int Rows = 16;
    private const double MaskBelow = -1e4;

    /// <summary>What the table is; null where it may be a weight.</summary>
    /// <param name="dims">Its extents.</param>
    /// <param name="values">Its elements.</param>
    public static string? Describe(IReadOnlyList<long> dims, ReadOnlySpan<double> values)
    {
        bool finite = true;
        bool masks = true;
        bool truths = true;
        bool masked = false;
        foreach (double value in values)
        {
            finite &= double.IsFinite(value);
            masks &= value == 0 || value <= MaskBelow;
            truths &= value is 0 or 1;
            masked |= value <= MaskBelow;
        }

        return masks && masked ? "a mask"
            : !finite ? "not finite"
            : truths && IsTriangle(dims, values) ? "a mask"
            : IsWaves(dims, values) ? "sines and cosines of positions"
            : null;
    }

    private static bool IsTriangle(IReadOnlyList<long> dims, ReadOnlySpan<double> values)
    {
        if (dims.Count < 2 || dims[^1] != dims[^2] || dims[^1] < 2 || values.Length != dims[^1] * dims[^1])
        {
            return false;
        }

        int n = (int)dims[^1];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                if (values[(i * n) + j] != (j <= i ? 1 : 0))
                {
                    return false;
                }
            }
        }

        return true;
    }

    // Each column is cos(p a) or sin(p a) in the row p: v[p] = 2 cos(a) v[p - 1] - v[p - 2].
    private static bool IsWaves(IReadOnlyList<long> dims, ReadOnlySpan<double> values)
    {
        long[] real = [.. dims.Where(d => d != 1)];
        if (real.Length != 2 || real[0] < 4 || real[1] < 2)
        {
            return false;
        }

        int rows = (int)Math.Min(real[0], Rows);
        int width = (int)real[1];
        for (int j = 0; j < width; j++)
        {
            double first = values[j];
            double second = values[width + j];
            if (Math.Abs(second) > 1 || (first != 0 && first != 1))
            {
                return false;
            }

            double turn = first == 1 ? second : Math.Sqrt(1 - (second * second));
            for (int p = 2; p < rows; p++)
            {
                double expected = (2 * turn * values[((p - 1) * width) + j]) - values[((p - 2) * width) + j];
                if (Math.Abs(values[(p * width) + j] - expected) > Tolerance)
                {
                    return false;
                }
            }
        }

        // A table of zeros satisfies this too, and is a weight that was not trained yet.
        return values.ContainsAnyExcept(0.0);
    }
}
