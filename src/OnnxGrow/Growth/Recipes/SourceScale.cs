using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>How large a tensor's elements are.</summary>
internal static class SourceScale
{
    private const int Stretch = 256;
    private const int Stretches = 256;

    /// <summary>
    /// The root mean square of a sample: the whole of a tensor of up to 65,536 elements, and as many elements in evenly
    /// spread stretches of a larger one. Elements that are not finite do not count.
    /// </summary>
    public static double RootMeanSquare(TensorData data)
    {
        long count = data.Count;
        long stretches = Math.Min(Stretches, (count + Stretch - 1) / Stretch);
        double[] sample = new double[(int)Math.Min(count, (long)Stretch * Stretches)];
        int filled = 0;
        for (long s = 0; s < stretches; s++)
        {
            int length = (int)Math.Min(Stretch, sample.Length - filled);
            long first = stretches == 1 ? 0 : (long)((Int128)s * (count - Stretch) / (stretches - 1));
            data.ReadDoubles(Math.Min(first, count - length), sample.AsSpan(filled, length));
            filled += length;
        }

        // Relative to the largest, so that no square is out of range.
        double largest = 0;
        int finite = 0;
        foreach (double x in sample)
        {
            if (double.IsFinite(x))
            {
                largest = Math.Max(largest, Math.Abs(x));
                finite++;
            }
        }

        if (largest == 0)
        {
            return 0;
        }

        double sum = 0;
        foreach (double x in sample)
        {
            if (double.IsFinite(x))
            {
                sum += x / largest * (x / largest);
            }
        }

        return largest * Math.Sqrt(sum / finite);
    }
}
