using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x where it is above a threshold, else 0.</summary>
[TorchOperator("ThresholdedRelu")]
internal sealed class ThresholdedRelu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [torch.where(x.gt(at.Float("alpha", 1)), x, torch.zeros_like(x))];
    }
}
