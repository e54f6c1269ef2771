using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceL1: dx = dy sign(x).</summary>
[Gradient("ReduceL1")]
internal sealed class ReduceL1 : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over) => at.Mul(over.Gradient, at.Op("Sign", over.X));
}
