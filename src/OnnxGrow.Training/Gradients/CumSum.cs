using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>CumSum: the gradient is summed along the axis the other way.</summary>
[Gradient("CumSum")]
internal sealed class CumSum : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Op("CumSum", [("exclusive", at.Int("exclusive", 0)), ("reverse", 1 - at.Int("reverse", 0))], gradient, at.Input(1));
}
