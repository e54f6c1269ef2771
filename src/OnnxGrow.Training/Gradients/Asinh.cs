using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Asinh: dx = dy / sqrt(x^2 + 1).</summary>
[Gradient("Asinh")]
internal sealed class Asinh : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Div(gradient, at.Op("Sqrt", at.Add(at.Mul(x, x), 1)));
}
