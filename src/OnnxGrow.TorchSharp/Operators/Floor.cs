using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Rounds down.</summary>
[TorchOperator("Floor")]
internal sealed class Floor : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).floor()];
}
