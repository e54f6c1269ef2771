using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether the first is less.</summary>
[TorchOperator("Less")]
internal sealed class Less : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).lt(at.Input(1))];
}
