using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Running sums along an axis, from either end, with or without the element itself.</summary>
[TorchOperator("CumSum")]
internal sealed class CumSum : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        int axis = OperatorCall.Axis(at.Integers(1)[0], x.dim());
        bool reverse = at.Int("reverse", 0) != 0;
        Tensor turned = reverse ? x.flip(axis) : x;
        Tensor sum = turned.cumsum(axis);
        sum = at.Int("exclusive", 0) != 0 ? sum - turned : sum;
        sum = reverse ? sum.flip(axis) : sum;
        return [sum.dtype == x.dtype ? sum : sum.to_type(x.dtype)];
    }
}
