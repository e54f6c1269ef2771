using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Sinh: dx = dy cosh(x).</summary>
[Gradient("Sinh")]
internal sealed class Sinh : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Op("Cosh", x));
}
