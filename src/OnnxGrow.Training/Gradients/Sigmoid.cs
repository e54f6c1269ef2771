using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Sigmoid: dx = dy y (1 - y).</summary>
[Gradient("Sigmoid")]
internal sealed class Sigmoid : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(at.Mul(gradient, y), at.Sub(1, y));
}
