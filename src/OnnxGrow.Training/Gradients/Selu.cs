using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Selu: the slope is gamma above zero; below it gamma alpha exp(x) = y + gamma alpha.</summary>
[Gradient("Selu")]
internal sealed class Selu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        double alpha = at.Float("alpha", 1.67326319217681884765625f);
        double gamma = at.Float("gamma", 1.05070102214813232421875f);
        string slope = at.Where(Masks.Greater(at, x, 0), at.Scalar(gamma), at.Add(y, gamma * alpha));
        return at.Mul(gradient, slope);
    }
}
