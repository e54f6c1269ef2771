using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>The two transposes of a convolution: onto what it read, and onto its kernel.</summary>
internal static class Convolution
{
    /// <summary>The gradient of the input: every window adds its gradient, through the kernel, to what it read.</summary>
    /// <param name="at">The node.</param>
    /// <param name="x">A value of the input's shape.</param>
    /// <param name="kernel">The kernel, M x C/group x ...</param>
    /// <param name="gradient">The gradient of the result.</param>
    /// <param name="windows">How the window slides.</param>
    /// <param name="group">The number of groups.</param>
    public static string ToInput(GradientEmitter at, string x, string kernel, string gradient, Windows windows, long group)
    {
        if (windows.Pads is not null && windows.Strides.All(s => s == 1))
        {
            return at.Op("ConvTranspose", [.. windows.Attributes(group), ("pads", windows.Pads)], gradient, kernel);
        }

        // Larger steps leave a rest behind the last window, of zeros, and the padding is cut off: both depend on the extents.
        string whole = at.Op("ConvTranspose", windows.Attributes(group), gradient, kernel);
        string pads = windows.PadsFor(at, x);
        string front = at.Op("Slice", pads, at.Ints(0), at.Ints(windows.Count));
        string has = at.Op("Shape", [("start", 2L)], whole);
        string rest = at.Sub(at.Add(at.Extents(x, 2, 2 + windows.Count), front), has);
        return at.Padded(whole, at.Op("Concat", [("axis", 0L)], at.Neg(front), rest), 2 + windows.Count, windows.Axes);
    }

    /// <summary>
    /// The gradient of the kernel: a convolution of the input by the gradient, where examples are what channels were, and steps
    /// and distances change places.
    /// </summary>
    /// <param name="at">The node.</param>
    /// <param name="x">The input.</param>
    /// <param name="kernelDims">The kernel's extents, M x C/group x ...</param>
    /// <param name="gradient">The gradient of the result.</param>
    /// <param name="windows">How the window slides.</param>
    /// <param name="group">The number of groups.</param>
    public static string ToKernel(GradientEmitter at, string x, long[] kernelDims, string gradient, Windows windows, long group)
    {
        string padded = windows.Pads is not null ? x : at.Padded(x, windows.PadsFor(at, x), 2 + windows.Count, windows.Axes);
        long[] spatial = windows.Axes;
        string examples;
        if (group == 1)
        {
            examples = at.Transpose(padded, [1, 0, .. spatial]);
        }
        else
        {
            // N x (g C) x ... becomes C x (g N) x ...: each group's examples side by side.
            string extents = at.Op("Shape", [("start", 2L)], padded);
            string apart = at.Op("Reshape", padded, at.Op("Concat", [("axis", 0L)], at.Ints(0, group, kernelDims[1]), extents));
            string turned = at.Transpose(apart, [2, 1, 0, .. spatial.Select(a => a + 1)]);
            examples = at.Op("Reshape", turned, at.Op("Concat", [("axis", 0L)], at.Ints(kernelDims[1], -1), extents));
        }

        string windowsOf = at.Transpose(gradient, [1, 0, .. spatial]);
        (string Name, object Value)[] attributes =
            [("strides", windows.Dilations), ("dilations", windows.Strides), ("group", group), ("pads", windows.Pads ?? new long[2 * windows.Count])];
        string sums = at.Op("Conv", attributes, examples, windowsOf);
        string kernel = at.Transpose(sums, [1, 0, .. spatial]);

        // A rest behind the last window makes more sums than the kernel has elements.
        return windows.Strides.All(s => s == 1)
            ? kernel
            : at.Op("Slice", kernel, at.Ints([.. spatial.Select(_ => 0L)]), at.Ints(windows.Kernel), at.Ints(spatial));
    }

    /// <summary>The gradient of a bias, one for each channel.</summary>
    public static string ToBias(GradientEmitter at, string gradient, Windows windows) =>
        at.Reduce("ReduceSum", gradient, false, [0, .. windows.Axes]);
}
