using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Softmax over an axis.</summary>
[TorchOperator("Softmax")]
internal sealed class Softmax : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).softmax(at.Int("axis", -1))];
}
