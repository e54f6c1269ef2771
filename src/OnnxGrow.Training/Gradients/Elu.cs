using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Elu: the slope is 1 above zero; below it alpha exp(x) = y + alpha.</summary>
[Gradient("Elu")]
internal sealed class Elu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string slope = at.Where(Masks.Greater(at, x, 0), at.Scalar(1), at.Add(y, at.Float("alpha", 1)));
        return at.Mul(gradient, slope);
    }
}
