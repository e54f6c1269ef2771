using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Certificate;

/// <summary>
/// The right side of the equations, P_out W over the scale of P_in, to twice the precision of float64, a row at a time.
/// </summary>
internal sealed class SourceSide
{
    private readonly CheckedAxis[] _axes;
    private readonly CheckedAxis _last;
    private readonly StoredRows _rows;
    private readonly AveragedRows _averages;
    private readonly double[] _low;
    private readonly bool _exact;
    private readonly double _offset;
    private long _loaded = -1;
    private int _loadedMeans;
    private double _spread;

    /// <param name="recipe">The recipe.</param>
    /// <param name="axes">Its axes.</param>
    /// <param name="exact">Whether the coefficient is a power of two and nothing is averaged.</param>
    public SourceSide(WeightRecipe recipe, CheckedAxis[] axes, bool exact)
    {
        _axes = axes;
        _last = axes[^1];
        _rows = new StoredRows(recipe.Source, _last.Source);
        _averages = new AveragedRows(axes, recipe.Source);
        _low = new double[_last.Source];
        _exact = exact;
        _offset = recipe.Offset;
        Coefficient = recipe.Factor;
        foreach ((AxisRole role, AxisExpansion expansion) in recipe.Axes)
        {
            Coefficient *= role == AxisRole.Writer ? expansion.Scale : 1;
            Coefficient /= role == AxisRole.Reader ? expansion.Scale : 1;
        }

        High = Coefficient == 1 ? _rows.Row : new double[_last.Source];
        Low = Coefficient == 1 ? _low : new double[_last.Source];
    }

    /// <summary>What every source entry is multiplied by.</summary>
    public double Coefficient { get; }

    /// <summary>Whether the row that was loaded last is zero (a zero row of P_out).</summary>
    public bool IsZero { get; private set; }

    /// <summary>The entries of the row, by source index of the last axis: the upper parts.</summary>
    public double[] High { get; }

    /// <summary>The lower parts; not a number where a finite source entry is scaled out of the range of float64.</summary>
    public double[] Low { get; }

    /// <summary>
    /// Magnitude that rounding errors in float64 are relative to, beyond that of the entry itself: the terms of sums that
    /// cancel.
    /// </summary>
    public double Cancelled { get; private set; }

    /// <summary>Computes one row.</summary>
    /// <param name="equation">The equation's index on each axis but the last.</param>
    public void Load(ReadOnlySpan<int> equation)
    {
        int means = 0;
        IsZero = false;
        Span<int> index = stackalloc int[equation.Length];
        for (int a = 0; a < index.Length; a++)
        {
            int source = _axes[a].IsReader ? equation[a] : _axes[a].Map[equation[a]];
            IsZero |= source == AxisExpansion.Zero;
            means |= source < AxisExpansion.Zero ? 1 << a : 0;
            index[a] = source < AxisExpansion.Zero ? -2 - source : source;
        }

        if (IsZero)
        {
            return;
        }

        long row = 0;
        for (int a = 0; a < index.Length; a++)
        {
            row = (row * ((means >> a & 1) != 0 ? _axes[a].Blocks.Length : _axes[a].Source)) + index[a];
        }

        if (row == _loaded && means == _loadedMeans)
        {
            return;
        }

        _loaded = row;
        _loadedMeans = means;
        if (means == 0)
        {
            _rows.Read(row * _last.Source, _last.Source);
            Array.Clear(_low);
            _spread = 0;
        }
        else
        {
            _spread = _averages.Read(means, row, _rows.Row, _low);
        }

        Cancelled = CancelledBy(_spread);
        for (int i = 0; Coefficient != 1 && i < High.Length; i++)
        {
            (High[i], Low[i]) = Scale(new DoubleDouble(_rows.Row[i], _low[i]));
        }
    }

    /// <summary>The average of the loaded row over a block of the last axis, and what its rounding errors are relative to.</summary>
    public (DoubleDouble Entry, double Cancelled) AverageOf(int block)
    {
        (int start, int count) = _last.Blocks[block];
        double largest = 0;
        double sum = 0;
        double error = 0;
        for (int i = start; i < start + count; i++)
        {
            double weight = _last.Weights?[i] ?? 1;
            double term = _rows.Row[i] * weight;
            (sum, double rounding) = DoubleDouble.Sum(sum, term);
            error += rounding + Math.FusedMultiplyAdd(_rows.Row[i], weight, -term) + (_low[i] * weight);
            largest = Math.Max(largest, Math.Abs(term));
        }

        double spread = _loadedMeans == 0 ? AveragedRows.SpreadOf(largest, count) : largest + _spread;
        return (Scale((DoubleDouble.Zero + new DoubleDouble(sum, error)) / count), CancelledBy(spread));
    }

    private double CancelledBy(double spread) => (Math.Abs(Coefficient) * (spread + (2 * Math.Abs(_offset)))) + (2 * Math.Abs(_offset));

    private DoubleDouble Scale(DoubleDouble entry)
    {
        if (Coefficient == 1)
        {
            return entry;
        }

        if (Coefficient == 0)
        {
            return new DoubleDouble(0 - _offset, 0);
        }

        DoubleDouble scaled = _exact ? new DoubleDouble(entry.High * Coefficient, 0)
            : _offset == 0 && entry.Low == 0 ? DoubleDouble.Product(entry.High, Coefficient)
            : _offset == 0 ? entry * Coefficient
            : ((entry + _offset) * Coefficient) + -_offset;
        return double.IsFinite(entry.High) && !double.IsFinite(scaled.High) ? scaled with { Low = double.NaN } : scaled;
    }
}
