using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The error function.</summary>
[TorchOperator("Erf")]
internal sealed class Erf : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0).erf()];
}
