using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Reciprocal: dx = -dy y^2.</summary>
[Gradient("Reciprocal")]
internal sealed class Reciprocal : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Neg(at.Mul(at.Mul(gradient, y), y));
}
