using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x, or a trained multiple of it where it is negative.</summary>
[TorchOperator("PRelu")]
internal sealed class PRelu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [torch.where(x.gt(0), x, x * at.Input(1))];
    }
}
