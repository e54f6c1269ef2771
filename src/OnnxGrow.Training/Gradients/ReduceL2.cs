using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceL2: dx = x dy / y, zero where the norm is.</summary>
[Gradient("ReduceL2")]
internal sealed class ReduceL2 : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over)
    {
        string y = over.SpreadY();
        string norm = at.Where(at.Op("Equal", y, at.Scalar(0)), at.Scalar(1), y);
        return at.Mul(over.X, at.Div(over.Gradient, norm));
    }
}
