using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceMax and ReduceMin: the gradient goes to the elements that gave the value, in equal shares where there are several.</summary>
[Gradient("ReduceMax")]
[Gradient("ReduceMin")]
internal sealed class ReduceExtremum : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over)
    {
        string equal = at.Op("Equal", over.X, over.SpreadY());
        string ones = at.Cast(equal, at.FloatType);
        return at.Mul(ones, at.Div(over.Gradient, over.Sum(at, ones)));
    }
}
