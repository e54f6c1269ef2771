using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceLogSumExp: dx = dy exp(x - y).</summary>
[Gradient("ReduceLogSumExp")]
internal sealed class ReduceLogSumExp : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over) => at.Mul(over.Gradient, at.Op("Exp", at.Sub(over.X, over.SpreadY())));
}
