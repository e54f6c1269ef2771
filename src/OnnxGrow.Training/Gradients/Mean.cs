using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Mean of any number of inputs: each has an equal share of the gradient.</summary>
[Gradient("Mean")]
internal sealed class Mean : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string share = at.Mul(at.TheGradient, 1.0 / at.Inputs);
        for (int i = 0; i < at.Inputs; i++)
        {
            at.GiveSummed(i, () => share);
        }
    }
}
