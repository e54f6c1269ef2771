using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Softplus: dx = dy sigmoid(x).</summary>
[Gradient("Softplus")]
internal sealed class Softplus : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Mul(gradient, at.Op("Sigmoid", x));
}
