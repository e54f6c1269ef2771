using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Clip: the gradient passes where x is not cut, up to and with the bounds themselves; where it is cut it goes to the bound.
/// </summary>
[Gradient("Clip")]
internal sealed class Clip : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        string x = at.Input(0);
        at.Give(0, () => Masks.Where(at, at.Op("Equal", x, at.Output()), gradient));
        at.GiveSummed(1, () => Masks.Where(at, Raised(at), gradient));
        at.GiveSummed(2, () =>
        {
            // Where the bounds are the wrong way round all of x becomes the upper one, from below too.
            string cut = at.Op("Not", at.Op("Equal", x, at.Output()));
            return Masks.Where(at, at.Input(1).Length == 0 ? cut : at.Op("And", cut, at.Op("Not", Raised(at))), gradient);
        });
    }

    private static string Raised(GradientEmitter at) =>
        at.Op("And", at.Op("Less", at.Input(0), at.Output()), at.Op("Equal", at.Output(), at.Input(1)));
}
