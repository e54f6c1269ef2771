using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The number of elements.</summary>
[TorchOperator("Size")]
internal sealed class Size : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [torch.tensor(at.Input(0).numel())];
}
