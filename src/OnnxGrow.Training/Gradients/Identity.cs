using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Identity: dx = dy.</summary>
[Gradient("Identity")]
internal sealed class Identity : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        gradient;
}
