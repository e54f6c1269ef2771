using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The largest element of each channel.</summary>
[TorchOperator("GlobalMaxPool")]
internal sealed class GlobalMaxPool : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x.amax(Reductions.Last(x, (int)x.dim() - 2), true)];
    }
}
