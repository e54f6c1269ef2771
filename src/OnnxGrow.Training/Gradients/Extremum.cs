using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Min and Max of any number of inputs: the gradient goes to the one that gave the value; of several that are equal there, to
/// the first.
/// </summary>
[Gradient("Min")]
[Gradient("Max")]
internal sealed class Extremum : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        string? taken = null;
        for (int i = 0; i < at.Inputs && Enumerable.Range(i, at.Inputs - i).Any(at.Wants); i++)
        {
            bool last = i == at.Inputs - 1;
            if (last && taken is not null)
            {
                at.GiveSummed(i, () => Masks.Unless(at, taken, gradient));
                return;
            }

            string equal = at.Op("Equal", at.Input(i), at.Output());
            at.GiveSummed(i, () => Masks.Where(at, taken is null ? equal : at.Op("And", equal, at.Op("Not", taken)), gradient));
            taken = taken is null ? equal : at.Op("Or", taken, equal);
        }
    }
}
