using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Tan: dx = dy (1 + y^2).</summary>
[Gradient("Tan")]
internal sealed class Tan : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Add(at.Mul(y, y), 1));
}
