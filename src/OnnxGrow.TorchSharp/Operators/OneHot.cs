using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Two values: one where an index points, the other elsewhere, along a new axis.</summary>
[TorchOperator("OneHot")]
internal sealed class OneHot : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        long depth = at.Integers(1)[0];
        Tensor indices = Indices.FromFront(at.Input(0), depth);
        int axis = OperatorCall.Axis(at.Int("axis", -1), indices.dim() + 1);
        long[] along = [.. Enumerable.Range(0, (int)indices.dim() + 1).Select(a => a == axis ? depth : 1)];
        Tensor hot = indices.unsqueeze(axis).eq(torch.arange(0, depth, ScalarType.Int64, indices.device).reshape(along));
        Tensor values = at.Input(2);
        return [torch.where(hot, values.select(0, 1), values.select(0, 0))];
    }
}
