using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Area hyperbolic tangent.</summary>
[TorchOperator("Atanh")]
internal sealed class Atanh : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).atanh()];
}
