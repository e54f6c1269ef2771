using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Sine.</summary>
[TorchOperator("Sin")]
internal sealed class Sin : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).sin()];
}
