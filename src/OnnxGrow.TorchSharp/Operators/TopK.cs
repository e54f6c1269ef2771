using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The largest or smallest elements along an axis, and where they are.</summary>
[TorchOperator("TopK")]
internal sealed class TopK : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        (Tensor values, Tensor places) = x.topk(
            (int)at.Integers(1)[0], OperatorCall.Axis(at.Int("axis", -1), x.dim()), at.Int("largest", 1) != 0, at.Int("sorted", 1) != 0);
        return [values, places];
    }
}
