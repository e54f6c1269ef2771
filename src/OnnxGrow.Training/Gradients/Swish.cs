using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Swish: y = x s with s = sigmoid(alpha x), so dx = dy (s + alpha y (1 - s)).</summary>
[Gradient("Swish")]
[Gradient("QuickGelu", Domain = "com.microsoft")]
internal sealed class Swish : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        double alpha = at.Float("alpha", at.Node.OpType == "Swish" ? 1 : 1.702f);
        string s = at.Op("Sigmoid", at.Mul(x, alpha));
        return at.Mul(gradient, at.Add(s, at.Mul(at.Mul(y, alpha), at.Sub(1, s))));
    }
}
