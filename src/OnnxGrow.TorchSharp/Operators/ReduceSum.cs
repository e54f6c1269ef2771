using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The sum over axes.</summary>
[TorchOperator("ReduceSum")]
internal sealed class ReduceSum : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.sum(axes, keep));
}
