using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>One over the value.</summary>
[TorchOperator("Reciprocal")]
internal sealed class Reciprocal : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).reciprocal()];
}
