using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Acos: dx = -dy / sqrt(1 - x^2).</summary>
[Gradient("Acos")]
internal sealed class Acos : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Neg(at.Div(gradient, at.Op("Sqrt", at.Sub(1, at.Mul(x, x)))));
}
