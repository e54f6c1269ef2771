using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Cosh: dx = dy sinh(x).</summary>
[Gradient("Cosh")]
internal sealed class Cosh : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Op("Sinh", x));
}
