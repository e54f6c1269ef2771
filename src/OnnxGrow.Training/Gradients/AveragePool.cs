using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>AveragePool: every window gives its share of the gradient to all that it covers, a convolution with a kernel of equal weights transposed.</summary>
[Gradient("AveragePool")]
internal sealed class AveragePool : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        if (at.Int("ceil_mode", 0) != 0)
        {
            throw GradientEmitter.Refuse("AveragePool with ceil_mode is not differentiated; pad its input instead");
        }

        string x = at.Input(0);
        long[] kernel = at.IntList("kernel_shape")!;
        var windows = Windows.Of(at, kernel);
        bool countsPadding = at.Int("count_include_pad", 0) != 0 || (windows.Pads is not null && windows.Pads.All(p => p == 0));
        int size = (int)kernel.Aggregate(1L, (a, b) => a * b);
        double[] shares = [.. Enumerable.Repeat(countsPadding ? 1.0 / size : 1, size)];
        string weights = at.Constant(at.TypeOf(x), [1, 1, .. kernel], shares);

        // The channels are pooled alike: each is an example of one channel.
        string single = Single(at, x, at.Extents(x, 2, 2 + windows.Count));
        string gradient = Single(at, at.TheGradient, at.Op("Shape", [("start", 2L)], at.TheGradient));
        if (!countsPadding)
        {
            gradient = at.Div(gradient, Counts(at, x, weights, windows));
        }

        return at.ReshapeLike(Convolution.ToInput(at, single, weights, gradient, windows, 1), x);
    });

    private static string Single(GradientEmitter at, string value, string extents) =>
        at.Op("Reshape", value, at.Op("Concat", [("axis", 0L)], at.Ints(-1, 1), extents));

    /// <summary>How many elements each window covers that are no padding.</summary>
    private static string Counts(GradientEmitter at, string x, string weights, Windows windows)
    {
        string shape = at.Op("Concat", [("axis", 0L)], at.Ints(1, 1), at.Extents(x, 2, 2 + windows.Count));
        string ones = at.Op("ConstantOfShape", [("value", Tensors.Numbers("", at.TypeOf(x), [1], 1))], shape);
        string padded = at.Padded(ones, windows.PadsFor(at, x), 2 + windows.Count, windows.Axes);
        return at.Op("Conv", windows.Attributes(1), padded, weights);
    }
}
