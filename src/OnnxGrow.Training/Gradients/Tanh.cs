using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Tanh: dx = dy (1 - y^2).</summary>
[Gradient("Tanh")]
internal sealed class Tanh : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Sub(1, at.Mul(y, y)));
}
