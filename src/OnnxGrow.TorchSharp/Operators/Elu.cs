using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x, or alpha (exp(x) - 1) where it is negative.</summary>
[TorchOperator("Elu")]
internal sealed class Elu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [torch.where(x.gt(0), x, x.clamp_max(0).expm1() * at.Float("alpha", 1))];
    }
}
