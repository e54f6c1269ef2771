using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The logarithm of the sum of exponentials over axes.</summary>
[TorchOperator("ReduceLogSumExp")]
internal sealed class ReduceLogSumExp : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, Reduce);

    private static Tensor Reduce(Tensor x, long[] axes, bool keep)
    {
        Tensor most = x.amax(axes, true).detach();
        Tensor sum = (x - most).exp().sum(axes, true).log() + most;
        return keep ? sum : sum.sum(axes, false);
    }
}
