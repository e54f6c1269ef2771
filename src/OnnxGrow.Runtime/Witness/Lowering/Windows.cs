namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Sliding windows over the spatial axes of [N, C, ...]: for each position in the kernel a strided slice of the padded
/// input. Extents of the input may be dynamic: a slice ends counted from the end.
/// </summary>
internal sealed class Windows(Emitter to, long[] kernel)
{
    /// <summary>The number of spatial axes.</summary>
    public int Rank => kernel.Length;

    /// <summary>Steps from window to window.</summary>
    public long[] Strides { get; init; } = to.Ints("strides") ?? Ones(kernel.Length);

    /// <summary>Steps within a window.</summary>
    public long[] Dilations { get; init; } = to.Ints("dilations") ?? Ones(kernel.Length);

    /// <summary>A list of ones.</summary>
    public static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];

    /// <summary>What each position of the kernel sees of a padded input.</summary>
    public string[] Patches(string padded) => [.. Positions().Select(at => Patch(padded, at))];

    /// <summary>The pads of all axes, begins and then ends, by the node's attributes.</summary>
    public long[] Pads()
    {
        long[] pads = to.Ints("pads") ?? new long[2 * Rank];
        string auto = to.String("auto_pad", "NOTSET");
        if (auto is "SAME_UPPER" or "SAME_LOWER")
        {
            long[]? space = to.DimsOf(to.Input(0)) is { } dims && dims.Length == Rank + 2 ? dims[2..] : null;
            for (int i = 0; i < Rank; i++)
            {
                if (space is null || space[i] <= 0)
                {
                    throw to.Refuse($"auto_pad {auto} needs the extents of '{Text.Name(to.Input(0))}' in the file");
                }

                long steps = (space[i] + Strides[i] - 1) / Strides[i];
                long total = Math.Max(0, ((steps - 1) * Strides[i]) + (Dilations[i] * (kernel[i] - 1)) + 1 - space[i]);
                long less = total / 2;
                pads[i] = auto == "SAME_UPPER" ? less : total - less;
                pads[Rank + i] = total - pads[i];
            }
        }

        return [0, 0, .. pads[..Rank], 0, 0, .. pads[Rank..]];
    }

    // Start at * dilation, then one element a stride, as many as the output has.
    private string Patch(string x, long[] at)
    {
        long[] starts = new long[Rank];
        long[] ends = new long[Rank];
        for (int i = 0; i < Rank; i++)
        {
            starts[i] = at[i] * Dilations[i];
            long left = (kernel[i] - 1 - at[i]) * Dilations[i];
            ends[i] = left == 0 ? long.MaxValue : -left;
        }

        return to.Slice(x, starts, ends, [.. Enumerable.Range(2, Rank).Select(a => (long)a)], Strides);
    }

    private IEnumerable<long[]> Positions()
    {
        IEnumerable<long[]> positions = [[]];
        foreach (long extent in kernel)
        {
            positions = positions.SelectMany(p => Enumerable.Range(0, (int)extent).Select(i => (long[])[.. p, i]));
        }

        return positions;
    }
}
