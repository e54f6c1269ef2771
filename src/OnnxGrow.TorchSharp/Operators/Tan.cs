using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Tangent.</summary>
[TorchOperator("Tan")]
internal sealed class Tan : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).tan()];
}
