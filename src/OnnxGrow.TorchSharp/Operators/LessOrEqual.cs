using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether the first is not greater.</summary>
[TorchOperator("LessOrEqual")]
internal sealed class LessOrEqual : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).le(at.Input(1))];
}
