using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Arc sine.</summary>
[TorchOperator("Asin")]
internal sealed class Asin : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).asin()];
}
