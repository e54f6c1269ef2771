using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The smallest of any number of values.</summary>
[TorchOperator("Min")]
internal sealed class Min : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.All.Aggregate(torch.minimum)];
}
