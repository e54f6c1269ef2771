using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Sin: dx = dy cos(x).</summary>
[Gradient("Sin")]
internal sealed class Sin : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Op("Cos", x));
}
