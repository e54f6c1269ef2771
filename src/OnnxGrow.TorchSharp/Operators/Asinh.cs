using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Area hyperbolic sine.</summary>
[TorchOperator("Asinh")]
internal sealed class Asinh : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).asinh()];
}
