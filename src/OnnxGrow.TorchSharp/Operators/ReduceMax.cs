using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The largest element over axes.</summary>
[TorchOperator("ReduceMax")]
internal sealed class ReduceMax : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.amax(axes, keep));
}
