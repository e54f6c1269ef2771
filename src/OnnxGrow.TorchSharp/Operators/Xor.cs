using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether one and not the other is true.</summary>
[TorchOperator("Xor")]
internal sealed class Xor : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).logical_xor(at.Input(1))];
}
