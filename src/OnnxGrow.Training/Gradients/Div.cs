using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Div: y = a / b, da = dy / b, db = -y da.</summary>
[Gradient("Div")]
internal sealed class Div : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string share = at.Div(at.TheGradient, at.Input(1));
        at.GiveSummed(0, () => share);

        // Negated behind the sum, where there may be less of it.
        at.Give(1, () => at.Neg(at.SumTo(at.Mul(share, at.Output()), at.DimsOf(at.Output()), at.DimsOf(at.Input(1)))));
    }
}
