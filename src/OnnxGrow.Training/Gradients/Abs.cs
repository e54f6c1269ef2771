using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Abs: dx = dy sign(x), zero at the kink.</summary>
[Gradient("Abs")]
internal sealed class Abs : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Op("Sign", x));
}
