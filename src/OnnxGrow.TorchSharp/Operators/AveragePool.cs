using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The mean of each window.</summary>
[TorchOperator("AveragePool")]
internal sealed class AveragePool : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        var windows = Windows.Of(at, x, at.IntList("kernel_shape") ?? []);
        if (!windows.Even || windows.Dilations.Any(d => d != 1))
        {
            throw at.Refuse("its padding is not the same on both sides, or its windows have gaps");
        }

        bool ceil = at.Int("ceil_mode", 0) != 0;
        bool counts = at.Int("count_include_pad", 0) != 0;
        return windows.Kernel.Length switch
        {
            1 => [Functional.avg_pool1d(x, windows.Kernel[0], windows.Strides[0], windows.Front[0], ceil, counts)],
            2 => [Functional.avg_pool2d(x, windows.Kernel, windows.Strides, windows.Front, ceil, counts)],
            3 => [Functional.avg_pool3d(x, windows.Kernel, windows.Strides, windows.Front, ceil, counts)],
            int axes => throw at.Refuse($"it slides over {axes} axes"),
        };
    }
}
