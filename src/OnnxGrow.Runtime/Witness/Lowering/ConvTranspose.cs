namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ConvTranspose as a convolution of stride 1: zeros between the elements of the input for its strides, and the weight
/// [C, M / groups, ...] turned round, with its first two axes exchanged.
/// </summary>
[Lowers("ConvTranspose")]
internal sealed class ConvTranspose : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Ints("output_shape") is not null || to.String("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
        {
            throw to.Refuse("pads that follow from the shape of the output are not lowered");
        }

        long[] dims = Conv.Weights(to);
        int rank = dims.Length - 2;
        long groups = to.Int("group", 1);
        var windows = new Windows(to, dims[2..]) { Strides = Windows.Ones(rank) };
        string x = to.Input(0);
        long[] strides = to.Ints("strides") ?? Windows.Ones(rank);
        for (int i = 0; i < rank; i++)
        {
            x = Spread(to, x, i + 2, rank + 2, strides[i]);
        }

        long[] weights = [dims[1] * groups, dims[0] / groups, .. dims[2..]];
        string weight = Turn(to, dims, groups, weights);
        Conv.Convolve(to, windows, to.Pad(x, Pads(to, windows, dims[2..])), weight, weights, to.Output);
        return true;
    }

    private static long[] Pads(Emitter to, Windows windows, long[] kernel)
    {
        int rank = kernel.Length;
        long[] pads = to.Ints("pads") ?? new long[2 * rank];
        long[] more = to.Ints("output_padding") ?? new long[rank];
        long[] reach = [.. kernel.Select((k, i) => (k - 1) * windows.Dilations[i])];
        return [0, 0, .. reach.Select((r, i) => r - pads[i]), 0, 0, .. reach.Select((r, i) => r - pads[rank + i] + more[i])];
    }

    private static string Turn(Emitter to, long[] dims, long groups, long[] weights)
    {
        int rank = dims.Length - 2;
        long[] last = [.. Enumerable.Range(3, rank).Select(a => (long)a)];
        string split = to.Reshape(to.Input(1), [groups, dims[0] / groups, .. dims[1..]]);
        string exchanged = to.Transpose(split, [0, 2, 1, .. last]);
        string turned = to.Slice(
            exchanged, [.. last.Select(_ => -1L)], [.. last.Select(_ => -long.MaxValue)], last, [.. last.Select(_ => -1L)]);
        return to.Reshape(turned, weights);
    }

    // stride - 1 zeros behind each element along an axis, but the last.
    private static string Spread(Emitter to, string x, int axis, int rank, long stride)
    {
        if (stride == 1)
        {
            return x;
        }

        string column = to.Unsqueeze(x, axis + 1);
        long[] ends = new long[rank + 1];
        ends[axis + 1] = stride - 1;
        string padded = to.Pad(column, [.. new long[rank + 1], .. ends]);
        string[] shape = [.. Enumerable.Range(0, rank).Select(a => a == axis ? to.IntList(-1) : to.Dim(x, a))];
        return to.Cut(to.Op("Reshape", padded, to.Join(0, shape)), axis, 0, 1 - stride);
    }
}
