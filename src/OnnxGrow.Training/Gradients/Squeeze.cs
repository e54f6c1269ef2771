using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Squeeze: the axes come back. Named axes need no look at the input, which need not be kept for it.</summary>
[Gradient("Squeeze")]
internal sealed class Squeeze : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () => at.Input(1).Length > 0
        ? at.Op("Unsqueeze", at.TheGradient, at.Input(1))
        : at.ReshapeLike(at.TheGradient, at.Input(0)));
}
