using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Arc cosine.</summary>
[TorchOperator("Acos")]
internal sealed class Acos : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).acos()];
}
