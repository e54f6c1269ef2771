using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The sum of absolute values over axes.</summary>
[TorchOperator("ReduceL1")]
internal sealed class ReduceL1 : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.abs().sum(axes, keep), x => x.abs());
}
