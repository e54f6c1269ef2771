using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Asin: dx = dy / sqrt(1 - x^2).</summary>
[Gradient("Asin")]
internal sealed class Asin : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Div(gradient, at.Op("Sqrt", at.Sub(1, at.Mul(x, x))));
}
