using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>PRelu: above zero the gradient passes; below it is times the slope, whose own is x times it.</summary>
[Gradient("PRelu")]
internal sealed class PRelu : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        string x = at.Input(0);
        at.Give(0, () => at.Mul(gradient, at.Where(Masks.Less(at, x, 0), at.Input(1), at.Scalar(1))));
        at.GiveSummed(1, () => at.Mul(gradient, at.Op("Min", x, at.Scalar(0))));
    }
}
