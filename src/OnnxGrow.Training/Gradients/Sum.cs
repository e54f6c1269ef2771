using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Sum of any number of inputs: the gradient goes to all.</summary>
[Gradient("Sum")]
internal sealed class Sum : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        for (int i = 0; i < at.Inputs; i++)
        {
            at.GiveSummed(i, () => gradient);
        }
    }
}
