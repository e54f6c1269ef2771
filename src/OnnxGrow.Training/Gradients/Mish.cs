using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Mish: with t = tanh(softplus(x)), dx = dy (t + x sigmoid(x) (1 - t^2)).</summary>
[Gradient("Mish")]
internal sealed class Mish : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string t = at.Op("Tanh", at.Op("Softplus", x));
        string rise = at.Mul(at.Mul(x, at.Op("Sigmoid", x)), at.Sub(1, at.Mul(t, t)));
        return at.Mul(gradient, at.Add(t, rise));
    }
}
