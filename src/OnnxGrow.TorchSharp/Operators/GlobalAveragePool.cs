using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The mean of each channel.</summary>
[TorchOperator("GlobalAveragePool")]
internal sealed class GlobalAveragePool : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x.mean(Reductions.Last(x, (int)x.dim() - 2), true)];
    }
}
