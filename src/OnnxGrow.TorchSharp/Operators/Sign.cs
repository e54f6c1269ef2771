using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The sign.</summary>
[TorchOperator("Sign")]
internal sealed class Sign : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).sign()];
}
