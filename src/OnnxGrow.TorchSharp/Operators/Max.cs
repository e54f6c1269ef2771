using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The largest of any number of values.</summary>
[TorchOperator("Max")]
internal sealed class Max : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.All.Aggregate(torch.maximum)];
}
