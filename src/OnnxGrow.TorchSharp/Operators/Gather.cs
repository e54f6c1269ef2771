using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Slices along an axis by their indices.</summary>
[TorchOperator("Gather")]
internal sealed class Gather : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        int axis = OperatorCall.Axis(at.Int("axis", 0), x.dim());
        if (at.Number(1) is { } single && at.Input(1).dim() == 0)
        {
            return [x.select(axis, (long)single)];
        }

        Tensor indices = Indices.FromFront(at.Input(1), x.shape[axis]);
        Tensor taken = x.index_select(axis, indices.reshape(-1));
        return [indices.dim() == 1 ? taken : taken.reshape([.. x.shape[..axis], .. indices.shape, .. x.shape[(axis + 1)..]])];
    }
}
