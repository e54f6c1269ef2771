using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Conv: ConvTranspose onto the input, a convolution by the gradient onto the kernel. Where windows lie side by side (patch
/// embeddings, kernels of one element) they are the rows of a matrix, and both are one product.
/// </summary>
[Gradient("Conv")]
internal sealed class Conv : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        long[] kernelDims = at.DimsOf(at.Input(1));
        var windows = Windows.Of(at, kernelDims[2..]);
        string gradient = at.TheGradient;
        long group = at.Int("group", 1);
        long[] x = at.DimsOf(at.Input(0));
        bool whole = x.Skip(2).Zip(windows.Strides, (n, s) => n % s == 0).All(w => w);
        at.Give(2, () => Convolution.ToBias(at, gradient, windows));
        if (group == 1 && windows.SideBySide && whole)
        {
            Patches(at, windows, kernelDims, gradient);
            return;
        }

        at.Give(0, () => Convolution.ToInput(at, at.Input(0), at.Input(1), gradient, windows, group));
        at.Give(1, () => Convolution.ToKernel(at, at.Input(0), kernelDims, gradient, windows, group));
    }

    private static void Patches(GradientEmitter at, Windows windows, long[] kernelDims, string gradient)
    {
        int axes = windows.Count;
        long size = kernelDims.Skip(1).Aggregate(1L, (a, b) => a * b);
        bool points = windows.Kernel.All(k => k == 1);

        // N x M x h x w as one row of M for each window.
        string rows = at.Reshape(at.Transpose(gradient, [0, .. windows.Axes, 1]), -1, kernelDims[0]);
        at.Give(1, () =>
        {
            string patches;
            if (points)
            {
                patches = at.Transpose(at.Input(0), [0, .. windows.Axes, 1]);
            }
            else
            {
                // N x C x (h k) x (w k): to N x h x w x C x k x k.
                string[] shape =
                    [.. Enumerable.Range(0, axes).SelectMany(a => new[] { at.Extents(gradient, 2 + a, 3 + a), at.Ints(windows.Kernel[a]) })];
                string apart = at.Op("Reshape", at.Input(0), at.Op("Concat", [("axis", 0L)], [at.Ints(0, kernelDims[1]), .. shape]));
                patches = at.Transpose(apart, [0, .. Enumerable.Range(0, axes).Select(a => 2L + (2 * a)), 1, .. Enumerable.Range(0, axes).Select(a => 3L + (2 * a))]);
            }

            return at.Reshape(at.Op("Gemm", [("transA", 1L)], rows, at.Reshape(patches, -1, size)), kernelDims);
        });
        at.Give(0, () =>
        {
            string patches = at.Op("Gemm", rows, at.Reshape(at.Input(1), kernelDims[0], size));
            string counts = at.Op("Shape", [("start", 2L)], gradient);
            string shape = at.Op("Concat", [("axis", 0L)], at.Extents(gradient, 0, 1), counts, at.Ints(kernelDims[1..]));
            string apart = at.Transpose(
                at.Op("Reshape", patches, shape),
                [0, 1 + axes, .. Enumerable.Range(0, axes).SelectMany(a => new[] { 1L + a, 2L + axes + a })]);
            return at.ReshapeLike(apart, at.Input(0));
        });
    }
}
