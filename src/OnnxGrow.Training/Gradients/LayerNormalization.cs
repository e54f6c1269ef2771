using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// LayerNormalization: with n = (x - mean) / deviation and g = dy * gain, dx = (g - mean(g) - n mean(g n)) / deviation. Mean and
/// deviation are the operator's own optional outputs.
/// </summary>
[Gradient("LayerNormalization")]
internal sealed class LayerNormalization : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        int rank = at.RankOf(at.Input(0));
        long[] normed = Normed.AxesBehind(at.Axis(at.Int("axis", -1), at.Input(0)), rank);
        string gradient = at.TheGradient;
        string inverse = Normed.Statistic(at, 2);
        string n = at.Mul(at.Sub(at.Input(0), Normed.Statistic(at, 1)), inverse);
        at.GiveSummed(1, () => at.Mul(gradient, n));
        at.GiveSummed(2, () => gradient);
        at.Give(0, () => Normed.Back(at, at.Mul(gradient, at.Input(1)), n, inverse, normed));
    }
}
