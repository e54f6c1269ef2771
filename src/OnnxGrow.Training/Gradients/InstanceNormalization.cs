using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>InstanceNormalization: each channel of each sample is normed by itself.</summary>
[Gradient("InstanceNormalization")]
internal sealed class InstanceNormalization : IGradient
{
    private const double DefaultEpsilon = 1e-5f;

    public void Differentiate(GradientEmitter at)
    {
        int rank = at.RankOf(at.Input(0));
        long[] axes = Normed.AxesBehind(2, rank);
        string gradient = at.TheGradient;
        (string n, string inverse) = Normed.Of(at, at.Input(0), at.Float("epsilon", DefaultEpsilon), axes);
        at.Give(2, () => Normed.SumPerChannel(at, gradient, rank));
        at.Give(1, () => Normed.SumPerChannel(at, at.Mul(gradient, n), rank));
        at.Give(0, () => Normed.Back(at, at.Mul(gradient, Normed.PerChannel(at, at.Input(1), rank)), n, inverse, axes));
    }
}
