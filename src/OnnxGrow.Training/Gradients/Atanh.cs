using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Atanh: dx = dy / (1 - x^2).</summary>
[Gradient("Atanh")]
internal sealed class Atanh : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Div(gradient, at.Sub(1, at.Mul(x, x)));
}
