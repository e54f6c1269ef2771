using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether an element is no number.</summary>
[TorchOperator("IsNaN")]
internal sealed class IsNaN : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).isnan()];
}
