using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Reshape and Flatten: the same elements in the shape that they had.</summary>
[Gradient("Reshape")]
[Gradient("Flatten")]
internal sealed class Reshape : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () => at.ReshapeLike(at.TheGradient, at.Input(0)));
}
