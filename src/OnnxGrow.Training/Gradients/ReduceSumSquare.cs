using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceSumSquare: dx = 2 x dy.</summary>
[Gradient("ReduceSumSquare")]
internal sealed class ReduceSumSquare : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over) => at.Mul(over.X, at.Mul(over.Gradient, 2));
}
