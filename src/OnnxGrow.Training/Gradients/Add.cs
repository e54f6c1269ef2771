using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Add: the gradient goes to both.</summary>
[Gradient("Add")]
internal sealed class Add : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        at.GiveSummed(0, () => gradient);
        at.GiveSummed(1, () => gradient);
    }
}
