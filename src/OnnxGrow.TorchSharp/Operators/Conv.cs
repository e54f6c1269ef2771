using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Convolution over one to three axes.</summary>
[TorchOperator("Conv")]
internal sealed class Conv : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor weight = at.Input(1);
        var windows = Windows.Of(at, at.Input(0), weight.shape[2..]);
        (Tensor x, long[] padding) = windows.Pad(at.Input(0), 0);
        long group = at.Int("group", 1);
        return windows.Kernel.Length switch
        {
            1 => [Functional.conv1d(x, weight, at.Optional(2), windows.Strides[0], padding[0], windows.Dilations[0], group)],
            2 => [Functional.conv2d(x, weight, at.Optional(2), windows.Strides, padding, windows.Dilations, group)],
            3 => [Functional.conv3d(x, weight, at.Optional(2), windows.Strides, padding, windows.Dilations, group)],
            int axes => throw at.Refuse($"it slides over {axes} axes"),
        };
    }
}
