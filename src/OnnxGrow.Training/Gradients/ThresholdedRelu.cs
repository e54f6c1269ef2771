using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ThresholdedRelu: dx = dy where x &gt; alpha.</summary>
[Gradient("ThresholdedRelu")]
internal sealed class ThresholdedRelu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        Masks.Where(at, Masks.Greater(at, x, at.Float("alpha", 1)), gradient);
}
