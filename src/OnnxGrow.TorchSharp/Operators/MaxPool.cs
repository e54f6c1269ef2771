using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The largest element in each window.</summary>
[TorchOperator("MaxPool")]
internal sealed class MaxPool : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        if (at.Wants(1))
        {
            throw at.Refuse("its second output, where the largest elements are, is asked for");
        }

        var windows = Windows.Of(at, at.Input(0), at.IntList("kernel_shape") ?? []);
        (Tensor x, long[] padding) = windows.Pad(at.Input(0), double.NegativeInfinity);
        bool ceil = at.Int("ceil_mode", 0) != 0;
        return windows.Kernel.Length switch
        {
            1 => [Functional.max_pool1d(x, windows.Kernel[0], windows.Strides[0], padding[0], windows.Dilations[0], ceil)],
            2 => [Functional.max_pool2d(x, windows.Kernel, windows.Strides, padding, windows.Dilations, ceil)],
            3 => [Functional.max_pool3d(x, windows.Kernel, windows.Strides, padding, windows.Dilations, ceil)],
            int axes => throw at.Refuse($"it slides over {axes} axes"),
        };
    }
}
