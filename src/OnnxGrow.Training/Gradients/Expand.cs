using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Expand: the sum over what was repeated.</summary>
[Gradient("Expand")]
internal sealed class Expand : IGradient
{
    public void Differentiate(GradientEmitter at) => at.GiveSummed(0, () => at.TheGradient);
}
