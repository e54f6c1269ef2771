using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Axes in another order.</summary>
[TorchOperator("Transpose")]
internal sealed class Transpose : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x.permute(at.IntList("perm") ?? [.. Enumerable.Range(0, (int)x.dim()).Reverse().Select(a => (long)a)])];
    }
}
