using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether two values are equal.</summary>
[TorchOperator("Equal")]
internal sealed class Equal : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).eq(at.Input(1))];
}
