using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Sqrt: dx = dy / (2 y).</summary>
[Gradient("Sqrt")]
internal sealed class Sqrt : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Div(at.Mul(gradient, 0.5), y);
}
