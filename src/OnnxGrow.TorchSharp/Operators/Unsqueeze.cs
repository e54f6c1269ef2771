using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Axes of one element put in.</summary>
[TorchOperator("Unsqueeze")]
internal sealed class Unsqueeze : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] axes = at.Integers(1);
        long rank = x.dim() + axes.Length;
        var shape = x.shape.ToList();
        foreach (int axis in axes.Select(a => OperatorCall.Axis(a, rank)).Order())
        {
            shape.Insert(axis, 1);
        }

        return [x.reshape([.. shape])];
    }
}
