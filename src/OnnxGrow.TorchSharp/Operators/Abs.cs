using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The absolute value.</summary>
[TorchOperator("Abs")]
internal sealed class Abs : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).abs()];
}
