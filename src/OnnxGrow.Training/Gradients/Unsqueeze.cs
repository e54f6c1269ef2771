using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Unsqueeze: the axes go.</summary>
[Gradient("Unsqueeze")]
internal sealed class Unsqueeze : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () => at.Op("Squeeze", at.TheGradient, at.Input(1)));
}
