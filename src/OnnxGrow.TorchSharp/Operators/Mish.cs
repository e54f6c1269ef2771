using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x tanh(softplus(x)).</summary>
[TorchOperator("Mish")]
internal sealed class Mish : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x * x.logaddexp(torch.zeros_like(x)).tanh()];
    }
}
