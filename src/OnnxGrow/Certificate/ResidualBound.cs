using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>
/// How large a residual rounding can make, for entries computed in float64 and rounded once to their stored type.
/// </summary>
/// <remarks>
/// Exact classes: zero; but an entry that a power of two takes between two subnormal numbers of the type is half of the
/// smallest one off at most.
/// Class R: let the m stored terms of an equation be v_k, each the nearest stored value to what was computed; then
/// |v_k - computed_k| is at most u |v_k|, or half of the smallest subnormal, u being 2^-(significand bits). The computed
/// terms are themselves off by float64 roundings (unit 2^-53): one for each scaled axis in the coefficient, two for each
/// axis averaged, and four for the product, the offset (two) and the division among copies. All told:
/// u * sum |v_k| + m * subnormal / 2 + (3 axes + 4) * 2^-53 * (|entry| + what cancelled in sums).
/// </remarks>
internal sealed class ResidualBound
{
    private readonly ElementType _type;
    private readonly bool _exact;
    private readonly bool _scaled;
    private readonly double _unit;
    private readonly double _halfSubnormal;
    private readonly double _smallestNormal;
    private readonly double _terms;
    private readonly double _evaluation;

    public ResidualBound(WeightRecipe recipe, CheckedAxis[] axes, Exactness exactness, double coefficient)
    {
        _type = recipe.Source.ElementType;
        _exact = exactness <= Exactness.ExactWeights;
        _scaled = coefficient != 1;
        int precision = ElementTypes.SignificandBits(_type);
        _unit = Math.ScaleB(1, -precision);
        double subnormal = Math.ScaleB(1, ElementTypes.MinExponent(_type));
        _halfSubnormal = _type == ElementType.Float64 ? subnormal : subnormal / 2;
        _smallestNormal = Math.ScaleB(subnormal, precision - 1);
        _terms = axes.Where(a => a.IsReader).Aggregate(1.0, (n, a) => n * (a.MostCopies + a.Averages.Sum(rows => rows.Length)));
        _evaluation = ((3 * recipe.Axes.Length) + 4) * Math.ScaleB(1, -53);
    }

    /// <summary>The bound for one equation.</summary>
    /// <param name="magnitude">The sum of the magnitudes of its stored terms.</param>
    /// <param name="entry">What they should sum to.</param>
    /// <param name="cancelled">What float64 roundings are relative to beyond the entry itself.</param>
    public double At(double magnitude, DoubleDouble entry, double cancelled)
    {
        if (!_exact)
        {
            return Rounding(magnitude, entry.High, cancelled);
        }

        bool underflows = _scaled && Math.Abs(entry.High) < _smallestNormal && ElementTypes.Round(_type, entry.High) != entry.High;
        return underflows ? _halfSubnormal : 0;
    }

    /// <summary>The bound in class R; 0 in the exact classes.</summary>
    public double Rounding(double magnitude, double entry, double cancelled) => _exact
        ? 0
        : (_unit * magnitude) + (_terms * _halfSubnormal) + (_evaluation * (Math.Abs(entry) + cancelled));
}
