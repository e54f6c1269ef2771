using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Cosine.</summary>
[TorchOperator("Cos")]
internal sealed class Cos : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).cos()];
}
