using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether one is true.</summary>
[TorchOperator("Or")]
internal sealed class Or : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).logical_or(at.Input(1))];
}
