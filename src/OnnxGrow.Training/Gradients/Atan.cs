using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Atan: dx = dy / (1 + x^2).</summary>
[Gradient("Atan")]
internal sealed class Atan : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Div(gradient, at.Add(at.Mul(x, x), 1));
}
