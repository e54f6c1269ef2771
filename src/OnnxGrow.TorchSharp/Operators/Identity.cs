using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The value itself.</summary>
[TorchOperator("Identity")]
internal sealed class Identity : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0)];
}
