using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Negation of truth.</summary>
[TorchOperator("Not")]
internal sealed class Not : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).logical_not()];
}
