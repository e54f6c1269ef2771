namespace OnnxGrow.Runtime.Inputs;

/// <summary>Which masks a model is given.</summary>
internal enum MaskStyle
{
    All,
    Right,
    Whole,
}

/// <summary>
/// Masks as batches have them: the first row of a batch is whole, the others are padded on the right, padded on the left,
/// or have holes. Every row keeps at least one position.
/// </summary>
internal static class MaskPatterns
{
    public static long[] Make(long[] dims, int ordinal, MaskStyle style, SplitMix64 random)
    {
        long count = dims.Aggregate(1L, (a, b) => a * b);
        long[] mask = new long[count];
        Array.Fill(mask, 1);
        if (dims.Length == 0 || count == 0 || dims[^1] == 0)
        {
            return mask;
        }

        // One pattern for each entry of the outermost axis, the same for all lines of its inner axes.
        int length = (int)dims[^1];
        long batch = dims.Length > 1 ? dims[0] : 1;
        long lines = count / batch / length;
        for (int row = 0; row < batch; row++)
        {
            // Cases of one row take turns; in larger ones row 0 is whole.
            int pattern = batch == 1 ? ordinal % 4 : row == 0 ? 0 : 1 + ((ordinal + row) % 3);
            pattern = style == MaskStyle.All ? pattern : style == MaskStyle.Right ? Math.Min(pattern, 1) : 0;
            bool[] keep = Pattern(pattern, length, random);
            for (long at = 0; at < lines * length; at++)
            {
                mask[(row * lines * length) + at] = keep[at % length] ? 1 : 0;
            }
        }

        return mask;
    }

    private static bool[] Pattern(int pattern, int length, SplitMix64 random)
    {
        bool[] keep = new bool[length];
        int kept = 1 + (int)random.Below(length);
        switch (pattern)
        {
            case 0:
                Array.Fill(keep, true);
                break;
            case 1:
                Array.Fill(keep, true, 0, kept);
                break;
            case 2:
                Array.Fill(keep, true, length - kept, kept);
                break;
            default:
                for (int i = 0; i < length; i++)
                {
                    keep[i] = random.Below(3) > 0;
                }

                keep[random.Below(length)] = true;
                break;
        }

        return keep;
    }
}
