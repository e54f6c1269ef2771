using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Sub: the gradient goes to the first, its negative to the second.</summary>
[Gradient("Sub")]
internal sealed class Sub : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        at.GiveSummed(0, () => gradient);

        // Negated behind the sum, where there may be less of it.
        at.Give(1, () => at.Neg(at.SumTo(gradient, at.DimsOf(at.Output()), at.DimsOf(at.Input(1)))));
    }
}
