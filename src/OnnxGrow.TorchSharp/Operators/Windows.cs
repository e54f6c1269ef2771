using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>How a convolution or pooling slides its window: an entry for each spatial axis.</summary>
/// <param name="Kernel">The window's extents.</param>
/// <param name="Strides">Its steps.</param>
/// <param name="Dilations">The distances of its elements.</param>
/// <param name="Front">Padding in front.</param>
/// <param name="Behind">Padding behind.</param>
internal sealed record Windows(long[] Kernel, long[] Strides, long[] Dilations, long[] Front, long[] Behind)
{
    /// <summary>Whether the padding is the same on both sides, which TorchSharp's operators ask for.</summary>
    public bool Even => Front.SequenceEqual(Behind);

    /// <summary>Those of a node that slides over a value.</summary>
    public static Windows Of(OperatorCall at, Tensor x, long[] kernel)
    {
        int count = kernel.Length;
        long[] ones = [.. kernel.Select(_ => 1L)];
        long[] strides = at.IntList("strides") ?? ones;
        long[] dilations = at.IntList("dilations") ?? ones;
        string automatic = at.String("auto_pad", "NOTSET");
        if (automatic is "NOTSET" or "VALID")
        {
            long[] pads = automatic == "VALID" ? new long[2 * count] : at.IntList("pads") ?? new long[2 * count];
            return new Windows(kernel, strides, dilations, pads[..count], pads[count..]);
        }

        long[] all = [.. Enumerable.Range(0, count).Select(i =>
        {
            long extent = x.shape[i + 2];
            long last = (extent - 1) / strides[i] * strides[i];
            return Math.Max(0, last + ((kernel[i] - 1) * dilations[i]) + 1 - extent);
        })];
        long[] less = [.. all.Select(p => p / 2)];
        long[] more = [.. all.Select(p => p - (p / 2))];
        return automatic == "SAME_UPPER" ? new Windows(kernel, strides, dilations, less, more) : new Windows(kernel, strides, dilations, more, less);
    }

    /// <summary>The value padded beforehand where the sides differ, and the padding that is left.</summary>
    public (Tensor Value, long[] Padding) Pad(Tensor x, double with)
    {
        if (Even)
        {
            return (x, Front);
        }

        long[] amounts = [.. Enumerable.Range(0, Kernel.Length).Reverse().SelectMany(i => new[] { Front[i], Behind[i] })];
        return (Functional.pad(x, amounts, PaddingModes.Constant, with), new long[Kernel.Length]);
    }
}
