using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The smallest element over axes.</summary>
[TorchOperator("ReduceMin")]
internal sealed class ReduceMin : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.amin(axes, keep));
}
