using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The logistic function.</summary>
[TorchOperator("Sigmoid")]
internal sealed class Sigmoid : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).sigmoid()];
}
