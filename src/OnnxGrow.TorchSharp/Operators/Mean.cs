using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The mean of any number of values.</summary>
[TorchOperator("Mean")]
internal sealed class Mean : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.All.Aggregate((a, b) => a + b) / at.All.Length];
}
