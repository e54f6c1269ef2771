using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceLogSum: dx = dy / exp(y).</summary>
[Gradient("ReduceLogSum")]
internal sealed class ReduceLogSum : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over) => over.Repeat(at, at.Div(over.Gradient, at.Op("Exp", over.SpreadY())));
}
