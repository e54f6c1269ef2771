using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether the first is not less.</summary>
[TorchOperator("GreaterOrEqual")]
internal sealed class GreaterOrEqual : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).ge(at.Input(1))];
}
