using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Trilu: the same triangle of the gradient.</summary>
[Gradient("Trilu")]
internal sealed class Trilu : IGradient
{
    public void Differentiate(GradientEmitter at) =>
        at.Give(0, () => at.Op("Trilu", [("upper", at.Int("upper", 1))], at.TheGradient, at.Input(1)));
}
