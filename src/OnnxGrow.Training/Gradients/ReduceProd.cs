using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceProd: the gradient times the product of all others, which a quotient gives where nothing is zero; a single zero has the product of the rest, and its neighbours none.</summary>
[Gradient("ReduceProd")]
internal sealed class ReduceProd : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over)
    {
        string zero = at.Op("Equal", over.X, at.Scalar(0));
        string zeros = at.Cast(zero, at.FloatType);
        string others = at.Op("Equal", over.Sum(at, zeros), zeros);
        string safe = at.Where(zero, at.Scalar(1), over.X);
        string product = at.Reduce("ReduceProd", safe, true, over.Axes);
        return Masks.Where(at, others, at.Div(at.Mul(over.Gradient, product), safe));
    }
}
