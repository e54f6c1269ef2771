using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Natural logarithm.</summary>
[TorchOperator("Log")]
internal sealed class Log : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).log()];
}
