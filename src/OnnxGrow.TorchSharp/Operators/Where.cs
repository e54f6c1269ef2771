using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>One value or the other, element by element.</summary>
[TorchOperator("Where")]
internal sealed class Where : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [torch.where(at.Input(0), at.Input(1), at.Input(2))];
}
