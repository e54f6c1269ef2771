using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The logarithm of a softmax over an axis.</summary>
[TorchOperator("LogSoftmax")]
internal sealed class LogSoftmax : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).log_softmax(at.Int("axis", -1))];
}
