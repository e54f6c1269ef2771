using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Arc tangent.</summary>
[TorchOperator("Atan")]
internal sealed class Atan : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).atan()];
}
