using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Hyperbolic cosine.</summary>
[TorchOperator("Cosh")]
internal sealed class Cosh : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).cosh()];
}
