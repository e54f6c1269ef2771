using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The value repeated along its axes.</summary>
[TorchOperator("Tile")]
internal sealed class Tile : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).repeat(at.Integers(1))];
}
