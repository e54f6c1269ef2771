using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Erf: dx = dy 2 / sqrt(pi) exp(-x^2), the factor taken into the exponent.</summary>
[Gradient("Erf")]
internal sealed class Erf : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string exponent = at.Sub(Math.Log(2 / Math.Sqrt(Math.PI)), at.Mul(x, x));
        return at.Mul(gradient, at.Op("Exp", exponent));
    }
}
