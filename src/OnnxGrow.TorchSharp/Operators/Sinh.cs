using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Hyperbolic sine.</summary>
[TorchOperator("Sinh")]
internal sealed class Sinh : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).sinh()];
}
