using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Rounds to the nearest integer, halves to the even one.</summary>
[TorchOperator("Round")]
internal sealed class Round : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).round()];
}
