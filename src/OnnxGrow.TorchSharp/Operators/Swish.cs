using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x sigmoid(alpha x).</summary>
[TorchOperator("Swish")]
internal sealed class Swish : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0) * (at.Input(0) * at.Float("alpha", 1)).sigmoid()];
}
