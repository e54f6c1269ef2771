namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Conv of any spatial rank, with strides, pads, dilations and groups: for each position of the kernel a strided slice of
/// the padded input, all of them side by side as columns, and one product with the flattened weights. Extents of the
/// input may be dynamic: a slice ends counted from the end.
/// </summary>
[Lowers("Conv")]
internal sealed class Conv : ILowering
{
    public bool Lower(Emitter to)
    {
        long[] weights = to.DimsOf(to.Input(1)) is { Length: > 2 } dims && dims.All(d => d > 0)
            ? dims
            : throw to.Refuse($"the shape of the weight '{Text.Name(to.Input(1))}' is not in the file");
        int rank = weights.Length - 2;
        long[] kernel = weights[2..];
        long[] strides = to.Ints("strides") ?? Ones(rank);
        long[] dilations = to.Ints("dilations") ?? Ones(rank);
        long groups = to.Int("group", 1);
        string x = to.Pad(to.Input(0), Pads(to, kernel, strides, dilations));
        string[] patches = [.. Positions(kernel).Select(at => Patch(to, x, at, kernel, strides, dilations))];

        // [N, C, 1, P] for every position, joined to [N, G, C/G * K, P]; the weights are [G, M/G, C/G * K].
        string[] columns = [.. patches.Select(p => to.Reshape(p, 0, 0, 1, -1))];
        long depth = weights[1] * columns.Length;
        string joined = columns.Length == 1 ? columns[0] : to.Op("Concat", [("axis", 2)], columns);
        string grouped = to.Reshape(joined, 0, groups, depth, -1);
        string matrix = to.Reshape(to.Input(1), groups, weights[0] / groups, depth);
        string product = to.Op("MatMul", matrix, grouped);
        Finish(to, product, patches[0], weights[0], rank);
        return true;
    }

    private static void Finish(Emitter to, string product, string patch, long channels, int rank)
    {
        string shape = to.Op("Shape", patch);
        string batch = to.Slice(shape, [0], [1], [0], [1]);
        string space = to.Slice(shape, [2], [2 + rank], [0], [1]);
        string whole = to.Op("Concat", [("axis", 0)], batch, to.IntList(channels), space);
        if (to.Input(2).Length == 0)
        {
            to.To(to.Output, "Reshape", product, whole);
            return;
        }

        string bias = to.Reshape(to.Input(2), [-1, .. Ones(rank)]);
        to.To(to.Output, "Add", to.Op("Reshape", product, whole), bias);
    }

    // The input as the kernel position sees it: start at * dilation, then one element a stride, as many as the output has.
    private static string Patch(Emitter to, string x, long[] at, long[] kernel, long[] strides, long[] dilations)
    {
        int rank = at.Length;
        long[] starts = new long[rank];
        long[] ends = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            starts[i] = at[i] * dilations[i];
            long left = (kernel[i] - 1 - at[i]) * dilations[i];
            ends[i] = left == 0 ? long.MaxValue : -left;
        }

        return to.Slice(x, starts, ends, [.. Enumerable.Range(2, rank).Select(a => (long)a)], strides);
    }

    private static long[] Pads(Emitter to, long[] kernel, long[] strides, long[] dilations)
    {
        int rank = kernel.Length;
        long[] pads = to.Ints("pads") ?? new long[2 * rank];
        string auto = to.String("auto_pad", "NOTSET");
        if (auto is "SAME_UPPER" or "SAME_LOWER")
        {
            long[]? space = to.DimsOf(to.Input(0)) is { } dims && dims.Length == rank + 2 ? dims[2..] : null;
            for (int i = 0; i < rank; i++)
            {
                if (space is null || space[i] <= 0)
                {
                    throw to.Refuse($"auto_pad {auto} needs the extents of '{Text.Name(to.Input(0))}' in the file");
                }

                long steps = (space[i] + strides[i] - 1) / strides[i];
                long total = Math.Max(0, ((steps - 1) * strides[i]) + (dilations[i] * (kernel[i] - 1)) + 1 - space[i]);
                long less = total / 2;
                pads[i] = auto == "SAME_UPPER" ? less : total - less;
                pads[rank + i] = total - pads[i];
            }
        }

        return [0, 0, .. pads[..rank], 0, 0, .. pads[rank..]];
    }

    private static IEnumerable<long[]> Positions(long[] kernel)
    {
        IEnumerable<long[]> positions = [[]];
        foreach (long extent in kernel)
        {
            positions = positions.SelectMany(p => Enumerable.Range(0, (int)extent).Select(i => (long[])[.. p, i]));
        }

        return positions;
    }

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];
}
