using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Cos: dx = -dy sin(x).</summary>
[Gradient("Cos")]
internal sealed class Cos : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Neg(at.Op("Sin", x)));
}
