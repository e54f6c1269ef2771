using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Softsign: dx = dy / (1 + |x|)^2.</summary>
[Gradient("Softsign")]
internal sealed class Softsign : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string spread = at.Add(at.Op("Abs", x), 1);
        return at.Div(gradient, at.Mul(spread, spread));
    }
}
