using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Neg: dx = -dy.</summary>
[Gradient("Neg")]
internal sealed class Neg : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Neg(gradient);
}
