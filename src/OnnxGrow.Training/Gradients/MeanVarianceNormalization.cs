using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>MeanVarianceNormalization: y is x normed over some axes.</summary>
[Gradient("MeanVarianceNormalization")]
internal sealed class MeanVarianceNormalization : UnaryGradient
{
    // Added to the deviation, not to the variance.
    private const double Epsilon = 1e-9;

    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        long[] axes = at.IntList("axes") ?? [0, 2, 3];
        string centred = at.Sub(x, at.Reduce("ReduceMean", x, true, axes));
        string variance = at.Reduce("ReduceMean", at.Mul(centred, centred), true, axes);
        string inverse = at.Op("Reciprocal", at.Add(at.Op("Sqrt", variance), Epsilon));
        return Normed.Back(at, gradient, y, inverse, axes);
    }
}
