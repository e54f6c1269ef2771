using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Area hyperbolic cosine.</summary>
[TorchOperator("Acosh")]
internal sealed class Acosh : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).acosh()];
}
