using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The mean over axes.</summary>
[TorchOperator("ReduceMean")]
internal sealed class ReduceMean : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, (x, axes, keep) => x.mean(axes, keep));
}
