using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// GroupNormalization: the channels of a group are normed together. Scale and bias have an element a group (operator set 18) or a
/// channel (from 21 on).
/// </summary>
[Gradient("GroupNormalization")]
internal sealed class GroupNormalization : IGradient
{
    private const double DefaultEpsilon = 1e-5f;

    public void Differentiate(GradientEmitter at)
    {
        string x = at.Input(0);
        int rank = at.RankOf(x);
        long groups = at.Int("num_groups", 1);
        bool perGroup = at.DimsOf(at.Input(1)) is [long count] && count == groups;
        string Grouped(string value) => at.Reshape(value, 0, groups, -1);

        string gradient = perGroup ? Grouped(at.TheGradient) : at.TheGradient;
        int shape = perGroup ? 3 : rank;
        (string n, string inverse) = Normed.Of(at, Grouped(x), at.Float("epsilon", DefaultEpsilon), [2]);
        at.Give(2, () => Normed.SumPerChannel(at, gradient, shape));
        at.Give(1, () => Normed.SumPerChannel(at, at.Mul(gradient, perGroup ? n : at.ReshapeLike(n, x)), shape));
        at.Give(0, () =>
        {
            string scaled = at.Mul(gradient, Normed.PerChannel(at, at.Input(1), shape));
            return at.ReshapeLike(Normed.Back(at, perGroup ? scaled : Grouped(scaled), n, inverse, [2]), x);
        });
    }
}
