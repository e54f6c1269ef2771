using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether the first is greater.</summary>
[TorchOperator("Greater")]
internal sealed class Greater : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).gt(at.Input(1))];
}
