using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>The gradient of a function of one value, element by element.</summary>
internal abstract class UnaryGradient : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () => Back(at, at.TheGradient, at.Input(0), at.Output()));

    /// <summary>Writes the gradient of x from that of y; what can be had from y is, because y is there already.</summary>
    protected abstract string Back(GradientEmitter at, string gradient, string x, string y);
}
