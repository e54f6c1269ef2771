using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether both are true.</summary>
[TorchOperator("And")]
internal sealed class And : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).logical_and(at.Input(1))];
}
