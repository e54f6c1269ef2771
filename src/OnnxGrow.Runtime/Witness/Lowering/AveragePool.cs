namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>AveragePool: the sum over a window by the number of elements in it, with or without padding.</summary>
[Lowers("AveragePool")]
internal sealed class AveragePool : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Int("ceil_mode", 0) != 0)
        {
            throw to.Refuse("windows that reach beyond the padding (ceil_mode) are not lowered");
        }

        long[] kernel = to.Ints("kernel_shape") ?? throw to.Refuse("it has no kernel_shape");
        var windows = new Windows(to, kernel);
        long[] pads = windows.Pads();
        string x = to.Input(0);
        string sum = Sum(to, windows.Patches(to.Pad(x, pads)));
        if (to.Int("count_include_pad", 0) != 0 || pads.All(p => p == 0))
        {
            to.To(to.Output, "Div", sum, to.Scalar(kernel.Aggregate(1L, (a, b) => a * b)));
            return true;
        }

        string space = to.Slice(to.ShapeOf(x), [2], [2 + kernel.Length], [0], [1]);
        string ones = to.Op("Expand", to.Scalar(1), to.Join(0, to.IntList(1, 1), space));
        to.To(to.Output, "Div", sum, Sum(to, windows.Patches(to.Pad(ones, pads))));
        return true;
    }

    private static string Sum(Emitter to, string[] patches) => patches.Aggregate(to.Add);
}
