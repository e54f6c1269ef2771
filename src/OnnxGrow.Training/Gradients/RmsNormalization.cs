using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// RMSNormalization, and SimplifiedLayerNormalization as ONNX Runtime calls it: with n = x / rms and g = dy * scale,
/// dx = (g - n mean(g n)) / rms.
/// </summary>
[Gradient("RMSNormalization")]
[Gradient("SimplifiedLayerNormalization")]
internal sealed class RmsNormalization : IGradient
{
    private const double DefaultEpsilon = 1e-5f;

    public void Differentiate(GradientEmitter at)
    {
        string x = at.Input(0);
        long[] axes = Normed.AxesBehind(at.Axis(at.Int("axis", -1), x), at.RankOf(x));
        string gradient = at.TheGradient;
        string inverse = at.Node.OpType == "SimplifiedLayerNormalization" ? Normed.Statistic(at, 1) : Inverse(at, x, axes);
        string n = at.Mul(x, inverse);
        string along = at.Mul(gradient, n);
        at.GiveSummed(1, () => along);
        at.Give(0, () =>
        {
            string mean = at.Reduce("ReduceMean", at.Mul(along, at.Input(1)), true, axes);
            return at.Mul(at.Sub(at.Mul(gradient, at.Input(1)), at.Mul(n, mean)), inverse);
        });
    }

    private static string Inverse(GradientEmitter at, string x, long[] axes)
    {
        string square = at.Reduce("ReduceMean", at.Mul(x, x), true, axes);
        return at.Op("Reciprocal", at.Op("Sqrt", at.Add(square, at.Float("epsilon", DefaultEpsilon))));
    }
}
