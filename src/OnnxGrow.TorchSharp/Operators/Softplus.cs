using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>log(1 + exp(x)), exact for large values as well.</summary>
[TorchOperator("Softplus")]
internal sealed class Softplus : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x.logaddexp(torch.zeros_like(x))];
    }
}
