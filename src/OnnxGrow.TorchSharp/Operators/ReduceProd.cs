using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The product over axes.</summary>
[TorchOperator("ReduceProd")]
internal sealed class ReduceProd : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => Reductions.Run(at, Reduce);

    private static Tensor Reduce(Tensor x, long[] axes, bool keep)
    {
        // Older versions of TorchSharp have running products only: the last of them is the whole.
        Tensor product = x;
        foreach (long axis in axes)
        {
            long extent = product.shape[axis];
            product = extent == 0 ? product.sum([axis], true).add(1) : product.cumprod(axis).narrow(axis, extent - 1, 1);
        }

        return keep ? product : product.sum(axes, false);
    }
}
