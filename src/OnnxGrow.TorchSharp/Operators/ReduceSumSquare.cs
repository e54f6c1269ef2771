using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The sum of squares over axes.</summary>
[TorchOperator("ReduceSumSquare")]
internal sealed class ReduceSumSquare : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.square().sum(axes, keep), x => x.square());
}
