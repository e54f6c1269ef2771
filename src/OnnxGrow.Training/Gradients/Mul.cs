using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Mul: each factor's gradient is the other factor's share.</summary>
[Gradient("Mul")]
internal sealed class Mul : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        at.GiveSummed(0, () => at.Mul(gradient, at.Input(1)));
        at.GiveSummed(1, () => at.Mul(gradient, at.Input(0)));
    }
}
