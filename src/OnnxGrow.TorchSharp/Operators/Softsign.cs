using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x / (1 + |x|).</summary>
[TorchOperator("Softsign")]
internal sealed class Softsign : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0) / at.Input(0).abs().add(1)];
}
