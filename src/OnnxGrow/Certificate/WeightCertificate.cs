using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>
/// Checks that a grown weight, as it is stored, is lossless: W~ P_in = P_out W (growth-math, rule 0.1). It reads the
/// expansions and the two tensors and shares no code with what computed the grown one. It goes once over each, holding
/// a few rows of the last axis and the averages that the expansions ask for.
/// </summary>
public sealed class WeightCertificate
{
    private readonly CheckedAxis[] _axes;
    private readonly Exactness _class;
    private readonly ResidualTracker _tracker = new();
    private readonly GrownSide _grown;
    private readonly SourceSide _source;
    private readonly ResidualBound _bound;
    private readonly double[] _constantHigh;
    private readonly double[] _constantLow;
    private readonly int[] _equation;
    private readonly FreeFill _free;
    private readonly ExactRows? _shortWay;

    private WeightCertificate(WeightRecipe recipe, TensorData grown, bool shortWay)
    {
        _axes = CheckedAxis.Of(recipe);
        _free = recipe.Free;
        _class = RecipeExactness.Of(recipe);
        _grown = new GrownSide(_axes, grown, _tracker);
        _source = new SourceSide(recipe, _axes, _class <= Exactness.ExactWeights);
        _bound = new ResidualBound(recipe, _axes, _class, _source.Coefficient);
        _constantHigh = new double[_axes[^1].Equations];
        _constantLow = new double[_axes[^1].Equations];
        _equation = new int[_axes.Length - 1];
        _shortWay = shortWay ? ExactRows.Of(recipe, _axes, grown, _source.Coefficient) : null;
    }

    /// <summary>Checks one grown weight.</summary>
    /// <param name="recipe">How it was to be computed.</param>
    /// <param name="grown">Its elements; their stored bytes are what is checked.</param>
    public static WeightCertificateResult Check(WeightRecipe recipe, TensorData grown) => Check(recipe, grown, shortWay: true);

    /// <summary>Checks one grown weight, with the short way for what holds exactly or without; the result is the same.</summary>
    internal static WeightCertificateResult Check(WeightRecipe recipe, TensorData grown, bool shortWay)
    {
        if (Mismatch(recipe, grown) is { } mismatch)
        {
            return CertificateText.Broken(recipe, mismatch);
        }

        if (!ElementTypes.IsGrowable(grown.ElementType))
        {
            return SameBytes.Check(recipe, grown);
        }

        if (recipe.TargetDims.Contains(0))
        {
            return CertificateText.Of(recipe, RecipeExactness.Of(recipe), new ResidualTracker());
        }

        var certificate = new WeightCertificate(recipe, grown, shortWay);
        certificate.Run();
        return CertificateText.Of(recipe, certificate._class, certificate._tracker);
    }

    private static string? Mismatch(WeightRecipe recipe, TensorData grown)
    {
        if (grown.ElementType != recipe.Source.ElementType)
        {
            return $"holds {grown.ElementType}, its source {recipe.Source.ElementType}";
        }

        long count = recipe.TargetDims.Aggregate(1L, (n, d) => checked(n * d));
        if (grown.Count != count)
        {
            return $"holds {grown.Count} elements, where {count} are wanted ({string.Join(" x ", recipe.TargetDims)})";
        }

        foreach (CheckedAxis axis in recipe.Axes.Select(a => new CheckedAxis(a.Role, a.Expansion)))
        {
            if (axis.IsReader && axis.Source > 0 && axis.FewestCopies == 0)
            {
                return "reads an activation that has not a copy of every source index";
            }

            if (axis.Role is AxisRole.Gain or AxisRole.Append && axis.HasAverages)
            {
                return "multiplies an activation that carries averages, which nothing can make lossless";
            }
        }

        return null;
    }

    private void Run()
    {
        do
        {
            if (_shortWay?.Holding(_equation) is > 0 and int rows)
            {
                Skip(rows);
                continue;
            }

            if (IsFreeRow())
            {
                _grown.CheckFree(_equation);
                continue;
            }

            _grown.Load(_equation);
            _source.Load(_equation);
            CompareRow();
        }
        while (Odometer.Next(_equation, a => _axes[a].Equations));
        _grown.CheckRowsOfZeros();
    }

    /// <summary>Goes to the last of some rows that follow each other along the last axis but one.</summary>
    private void Skip(int rows)
    {
        if (_equation.Length > 0)
        {
            _equation[^1] += rows - 1;
        }
    }

    private bool IsFreeRow()
    {
        for (int a = 0; a < _equation.Length; a++)
        {
            if (_axes[a].Role is AxisRole.Gain or AxisRole.Append && _axes[a].Map[_equation[a]] == AxisExpansion.Zero)
            {
                return true;
            }
        }

        return false;
    }

    private void CompareRow()
    {
        CheckedAxis last = _axes[^1];
        if (last.IsReader)
        {
            if (_source.IsZero)
            {
                CompareConstant(0, last.Equations, DoubleDouble.Zero, 0);
            }
            else
            {
                Compare(0, _source.High, _source.Low, _source.Cancelled);
            }

            return;
        }

        foreach (Stretch stretch in last.Stretches)
        {
            if (stretch.Kind == StretchKind.Zero && (last.Role is AxisRole.Gain or AxisRole.Append))
            {
                CheckFree(stretch.Start, stretch.Length);
            }
            else if (stretch.Kind == StretchKind.Zero || _source.IsZero)
            {
                CompareConstant(stretch.Start, stretch.Length, DoubleDouble.Zero, 0);
            }
            else if (stretch.Kind == StretchKind.Average)
            {
                (DoubleDouble entry, double cancelled) = _source.AverageOf(stretch.From);
                CompareConstant(stretch.Start, stretch.Length, entry, cancelled);
            }
            else
            {
                Compare(
                    stretch.Start,
                    _source.High.AsSpan(stretch.From, stretch.Length),
                    _source.Low.AsSpan(stretch.From, stretch.Length),
                    _source.Cancelled);
            }
        }
    }

    private void CheckFree(int start, int length)
    {
        // Zeros matter only where the whole gain is zero: a layer that adds nothing. Elsewhere they meet zeros.
        if (_free == FreeFill.One || (_free == FreeFill.Zero && _source.IsZero))
        {
            CompareConstant(start, length, _free == FreeFill.One ? new DoubleDouble(1, 0) : DoubleDouble.Zero, 0);
            return;
        }

        for (int j = start; j < start + length; j++)
        {
            if (!double.IsFinite(_grown.Sums.Magnitude[j]))
            {
                _tracker.Fail(_grown.FirstTerm(_equation, j), double.PositiveInfinity, double.MaxValue);
            }
        }
    }

    private void CompareConstant(int start, int length, DoubleDouble entry, double cancelled)
    {
        _constantHigh.AsSpan(0, length).Fill(entry.High);
        _constantLow.AsSpan(0, length).Fill(entry.Low);
        Compare(start, _constantHigh.AsSpan(0, length), _constantLow.AsSpan(0, length), cancelled);
    }

    private void Compare(int start, ReadOnlySpan<double> high, ReadOnlySpan<double> low, double cancelled)
    {
        ExactSum sums = _grown.Sums;
        if (sums.IsExactly(start, high, low))
        {
            // Where entries are copies or equal shares, infinity stays what it was.
            _tracker.SumsNotFinite |= _class > Exactness.ExactWeights && high.ContainsAny(double.PositiveInfinity, double.NegativeInfinity);
            return;
        }

        for (int i = 0; i < high.Length; i++)
        {
            if (!IsUnremarkable(sums, start + i, high[i], low[i], cancelled))
            {
                CompareEntry(start + i, new DoubleDouble(high[i], low[i]), cancelled);
            }
        }
    }

    /// <summary>Whether a residual, roughly but safely, is within its bound and not the largest yet.</summary>
    private bool IsUnremarkable(ExactSum sums, int at, double high, double low, double cancelled)
    {
        const double Safety = 1e-15;
        double upper = sums.High[at] - high;
        double lower = sums.Low[at] - low;
        double residual = Math.Abs(upper + lower) + sums.Lost[at] + (Safety * (Math.Abs(upper) + Math.Abs(lower)));
        return residual <= _tracker.MaxResidual && residual <= _bound.Rounding(sums.Magnitude[at], high, cancelled);
    }

    private void CompareEntry(int at, DoubleDouble entry, double cancelled)
    {
        ExactSum sums = _grown.Sums;
        double residual = ResidualOf(sums, at, entry);
        _tracker.SumsNotFinite |= _class > Exactness.ExactWeights && !double.IsFinite(entry.High);
        double bound = residual == 0 ? 0 : _bound.At(sums.Magnitude[at], entry, cancelled);
        if (residual <= bound)
        {
            _tracker.Note(residual, bound);
        }
        else
        {
            _tracker.Fail(_grown.FirstTerm(_equation, at), residual, bound);
        }
    }

    /// <summary>How far a sum is from what it should be; infinite where one of them is no finite number and the other another.</summary>
    private static double ResidualOf(ExactSum sums, int at, DoubleDouble entry)
    {
        double sum = sums.High[at];
        if (double.IsFinite(entry.High) && double.IsFinite(sum))
        {
            DoubleDouble difference = DoubleDouble.Sum(sum, -entry.High) + DoubleDouble.Sum(sums.Low[at], -entry.Low);
            return Math.Abs(difference.High) + sums.Lost[at];
        }

        bool same = double.IsNaN(entry.High) ? double.IsNaN(sums.Magnitude[at]) : sum == entry.High;
        return same && !double.IsNaN(entry.Low) ? 0 : double.PositiveInfinity;
    }
}
