using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Exponential.</summary>
[TorchOperator("Exp")]
internal sealed class Exp : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).exp()];
}
