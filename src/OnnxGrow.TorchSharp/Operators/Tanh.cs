using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Hyperbolic tangent.</summary>
[TorchOperator("Tanh")]
internal sealed class Tanh : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).tanh()];
}
