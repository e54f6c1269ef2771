using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The positive part.</summary>
[TorchOperator("Relu")]
internal sealed class Relu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).relu()];
}
