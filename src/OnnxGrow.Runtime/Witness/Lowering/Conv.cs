namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Conv of any spatial rank, with strides, pads, dilations and groups: what the positions of the kernel see, side by side
/// as columns, and one product with the flattened weights.
/// </summary>
[Lowers("Conv")]
internal sealed class Conv : ILowering
{
    public bool Lower(Emitter to)
    {
        Emit(to, to.Output);
        return true;
    }

    /// <summary>Emits the convolution that the node's inputs and attributes say.</summary>
    public static string Emit(Emitter to, string output)
    {
        long[] weights = Weights(to);
        var windows = new Windows(to, weights[2..]);
        return Convolve(to, windows, to.Pad(to.Input(0), windows.Pads()), to.Input(1), weights, output);
    }

    /// <summary>The extents of the weight.</summary>
    public static long[] Weights(Emitter to) => to.DimsOf(to.Input(1)) is { Length: > 2 } dims && dims.All(d => d > 0)
        ? dims
        : throw to.Refuse($"the shape of the weight '{Text.Name(to.Input(1))}' is not in the file");

    /// <summary>Emits the convolution of a padded input with a weight [M, C / groups, ...], and the node's bias.</summary>
    public static string Convolve(Emitter to, Windows windows, string padded, string weight, long[] weights, string output)
    {
        long groups = to.Int("group", 1);
        string[] patches = windows.Patches(padded);

        // [N, C, 1, P] for every position, joined to [N, G, C/G * K, P]; the weights are [G, M/G, C/G * K].
        string[] columns = [.. patches.Select(p => to.Reshape(p, 0, 0, 1, -1))];
        long depth = weights[1] * columns.Length;
        string grouped = to.Reshape(to.Join(2, columns), 0, groups, depth, -1);
        string matrix = to.Reshape(weight, groups, weights[0] / groups, depth);
        string product = to.Op("MatMul", matrix, grouped);

        string batch = to.Dim(patches[0], 0);
        string space = to.Slice(to.ShapeOf(patches[0]), [2], [2 + windows.Rank], [0], [1]);
        string whole = to.Join(0, batch, to.IntList(weights[0]), space);
        return to.Input(2).Length == 0
            ? to.To(output, "Reshape", product, whole)
            : to.To(output, "Add", to.Op("Reshape", product, whole), to.Reshape(to.Input(2), [-1, .. Windows.Ones(windows.Rank)]));
    }
}
