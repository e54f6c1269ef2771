using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The difference.</summary>
[TorchOperator("Sub")]
internal sealed class Sub : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0) - at.Input(1)];
}
