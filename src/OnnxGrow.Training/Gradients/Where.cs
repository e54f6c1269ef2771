using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Where: the gradient goes to the one that was taken.</summary>
[Gradient("Where")]
internal sealed class Where : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        at.GiveSummed(1, () => Masks.Where(at, at.Input(0), gradient));
        at.GiveSummed(2, () => Masks.Unless(at, at.Input(0), gradient));
    }
}
