using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The sum.</summary>
[TorchOperator("Add")]
internal sealed class Add : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0) + at.Input(1)];
}
