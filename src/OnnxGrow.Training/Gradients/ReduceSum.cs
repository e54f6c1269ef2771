using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceSum: the gradient is repeated.</summary>
[Gradient("ReduceSum")]
internal sealed class ReduceSum : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over) => over.Repeat(at, over.Gradient);
}
