using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Rounds up.</summary>
[TorchOperator("Ceil")]
internal sealed class Ceil : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).ceil()];
}
