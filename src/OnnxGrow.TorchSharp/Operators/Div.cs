using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The quotient; that of integers is rounded towards zero.</summary>
[TorchOperator("Div")]
internal sealed class Div : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x.is_floating_point() ? x / at.Input(1) : x.div(at.Input(1), torch.RoundingMode.trunc)];
    }
}
