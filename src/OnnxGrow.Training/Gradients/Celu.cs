using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Celu: the slope is 1 above zero; below it exp(x / alpha) = y / alpha + 1.</summary>
[Gradient("Celu")]
internal sealed class Celu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string below = at.Add(at.Mul(y, 1 / at.Float("alpha", 1)), 1);
        return at.Mul(gradient, at.Where(Masks.Greater(at, x, 0), at.Scalar(1), below));
    }
}
