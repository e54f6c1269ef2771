using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Elu: the slope is 1 above zero; below it alpha exp(x) = y + alpha.</summary>
[Gradient("Elu")]
internal sealed class Elu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        double alpha = at.Float("alpha", 1);
        string slope = alpha == 1
            ? at.Add(at.Op("Min", y, at.Scalar(0)), 1)
            : at.Where(Masks.Greater(at, x, 0), at.Scalar(1), at.Add(y, alpha));
        return at.Mul(gradient, slope);
    }
}
