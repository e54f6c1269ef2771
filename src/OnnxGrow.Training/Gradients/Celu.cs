using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Celu: the slope is 1 above zero; below it exp(x / alpha) = y / alpha + 1.</summary>
[Gradient("Celu")]
internal sealed class Celu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Add(at.Mul(at.Op("Min", y, at.Scalar(0)), 1 / at.Float("alpha", 1)), 1));
}
