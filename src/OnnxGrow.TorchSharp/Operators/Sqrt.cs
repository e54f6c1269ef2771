using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Square root.</summary>
[TorchOperator("Sqrt")]
internal sealed class Sqrt : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).sqrt()];
}
