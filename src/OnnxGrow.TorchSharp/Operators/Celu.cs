using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x, or alpha (exp(x / alpha) - 1) where it is negative.</summary>
[TorchOperator("Celu")]
internal sealed class Celu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        double alpha = at.Float("alpha", 1);
        return [torch.where(x.gt(0), x, (x.clamp_max(0) / alpha).expm1() * alpha)];
    }
}
