using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The opposite.</summary>
[TorchOperator("Neg")]
internal sealed class Neg : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).neg()];
}
