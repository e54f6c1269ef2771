using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The root of the sum of squares over axes.</summary>
[TorchOperator("ReduceL2")]
internal sealed class ReduceL2 : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.square().sum(axes, keep).sqrt(), x => x.abs());
}
