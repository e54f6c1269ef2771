using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The product of matrices.</summary>
[TorchOperator("MatMul")]
internal sealed class MatMul : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).matmul(at.Input(1))];
}
