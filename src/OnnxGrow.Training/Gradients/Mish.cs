using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Mish: with t = tanh(softplus(x)) = n / (n + 2), n = e (e + 2), e = exp(x), dx = dy (t + x sigmoid(x) (1 - t^2)).</summary>
[Gradient("Mish")]
internal sealed class Mish : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        // From 20 on t is 1 to the last bit, and n must not overflow. Softplus itself is slow on the CPU.
        string e = at.Op("Exp", at.Op("Min", x, at.Scalar(20)));
        string n = at.Mul(e, at.Add(e, 2));
        string t = at.Div(n, at.Add(n, 2));
        string rise = at.Mul(at.Mul(x, at.Op("Sigmoid", x)), at.Sub(1, at.Mul(t, t)));
        return at.Mul(gradient, at.Add(t, rise));
    }
}
