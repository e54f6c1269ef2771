using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Transposed convolution over one or two axes.</summary>
[TorchOperator("ConvTranspose")]
internal sealed class ConvTranspose : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        Tensor weight = at.Input(1);
        var windows = Windows.Of(at, x, weight.shape[2..]);
        if (!windows.Even || at.HasAttribute("output_shape") || at.String("auto_pad", "NOTSET") != "NOTSET")
        {
            throw at.Refuse("its padding is not the same on both sides, or given by the output's shape");
        }

        long group = at.Int("group", 1);
        long[] more = at.IntList("output_padding") ?? new long[windows.Kernel.Length];
        return windows.Kernel.Length switch
        {
            1 => [Functional.conv_transpose1d(x, weight, at.Optional(2), windows.Strides[0], windows.Front[0], more[0], windows.Dilations[0], group)],
            2 => [Functional.conv_transpose2d(x, weight, at.Optional(2), windows.Strides, windows.Front, more, windows.Dilations, group)],
            int axes => throw at.Refuse($"it slides over {axes} axes"),
        };
    }
}
