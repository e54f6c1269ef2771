using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The sum of any number of values.</summary>
[TorchOperator("Sum")]
internal sealed class Sum : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.All.Aggregate((a, b) => a + b)];
}
