using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Mod of floats (fmod): y = a - b trunc(a / b), so da = dy and db = -trunc(a / b) dy.</summary>
[Gradient("Mod")]
internal sealed class Mod : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        at.GiveSummed(0, () => gradient);
        at.GiveSummed(1, () =>
        {
            // (y - a) / b is a whole number but for rounding.
            string negated = at.Op("Round", at.Div(at.Sub(at.Output(), at.Input(0)), at.Input(1)));
            return at.Mul(gradient, negated);
        });
    }
}
