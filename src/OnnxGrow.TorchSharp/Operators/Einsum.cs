using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Einstein's sum.</summary>
[TorchOperator("Einsum")]
internal sealed class Einsum : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [torch.einsum(at.String("equation", ""), at.All)];
}
