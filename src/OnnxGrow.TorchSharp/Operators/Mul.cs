using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The product.</summary>
[TorchOperator("Mul")]
internal sealed class Mul : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0) * at.Input(1)];
}
