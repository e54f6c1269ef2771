using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The logarithm of the sum over axes.</summary>
[TorchOperator("ReduceLogSum")]
internal sealed class ReduceLogSum : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.sum(axes, keep).log(), x => x.log());
}
