using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>A matrix: the axes in front of one, and those from it on.</summary>
[TorchOperator("Flatten")]
internal sealed class Flatten : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        int axis = OperatorCall.Axis(at.Int("axis", 1), x.dim());
        long rows = x.shape.Take(axis).Aggregate(1L, (n, d) => n * d);
        return [x.reshape(rows, x.shape.Skip(axis).Aggregate(1L, (n, d) => n * d))];
    }
}
