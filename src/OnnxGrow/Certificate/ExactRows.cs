using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>
/// The short way for weights whose entries are copies or shares of source entries, unscaled: whole blocks of rows are
/// compared as they are stored, many lanes at once. It finds equations that hold with a residual of exactly zero, and says
/// nothing of the others: they go the long way, which decides.
/// </summary>
internal sealed class ExactRows
{
    private const int BlockBytes = 1 << 19;
    private const int MostBytes = 1 << 23;

    /// <summary>Below so many entries a segment on average, the long way is no longer.</summary>
    private const int ShortestSegments = 8;

    /// <summary>Blocks that may turn out to need the long way before no more are tried.</summary>
    private const int MostMisses = 8;

    private readonly CheckedAxis[] _axes;
    private readonly CheckedAxis _last;
    private readonly TensorData _source;
    private readonly TensorData _grown;
    private readonly int[]? _ends;
    private readonly long[] _strides;
    private readonly ExactBlock _block;
    private int _misses;

    private ExactRows(WeightRecipe recipe, CheckedAxis[] axes, TensorData grown, AxisSegment[] segments)
    {
        _axes = axes;
        _last = axes[^1];
        _source = recipe.Source;
        _grown = grown;
        _strides = new long[axes.Length];
        long stride = 1;
        for (int a = axes.Length - 1; a >= 0; a--)
        {
            _strides[a] = stride;
            stride *= axes[a].Target;
        }

        _ends = axes.Length == 1 ? null : EndsOf(axes[^2]);
        _block = new ExactBlock(grown.ElementType, _last, segments);
    }

    /// <summary>The short way for a weight; null where it has none.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="axes">Its axes.</param>
    /// <param name="grown">The grown weight.</param>
    /// <param name="coefficient">What every source entry is multiplied by.</param>
    public static ExactRows? Of(WeightRecipe recipe, CheckedAxis[] axes, TensorData grown, double coefficient)
    {
        CheckedAxis last = axes[^1];
        bool plain = coefficient == 1 && !axes.Any(a => a.Source == 0 || (a.IsReader && a.HasAverages)) && !last.HasAverages
            && (!last.HasZeros || last.Role is AxisRole.Reader or AxisRole.Writer);
        if (!plain)
        {
            return null;
        }

        AxisSegment[] segments = AxisSegment.Of(last);
        return segments.Length > 1 && last.Equations < ShortestSegments * segments.Length ? null : new ExactRows(recipe, axes, grown, segments);
    }

    /// <summary>
    /// How many rows of equations hold exactly, from one on and along the last axis but one; 0 where the first of them has to
    /// go the long way.
    /// </summary>
    /// <param name="equation">The equation's index on each axis but the last.</param>
    public int Holding(ReadOnlySpan<int> equation)
    {
        if (_misses >= MostMisses)
        {
            return 0;
        }

        long terms = 1;
        long row = 0;
        bool zero = false;
        for (int a = 0; a < equation.Length; a++)
        {
            CheckedAxis axis = _axes[a];
            int source = AxisSegment.SourceOf(axis, equation[a]);
            if (source < AxisExpansion.Zero || (source == AxisExpansion.Zero && axis.Role is AxisRole.Gain or AxisRole.Append))
            {
                return 0;
            }

            zero |= source == AxisExpansion.Zero;
            row = (row * axis.Source) + source;
            terms *= axis.TermsOf(equation[a]).Count;
        }

        long bytes = ((terms * _last.Target) + _last.Source) * _block.ElementBytes;
        if (bytes > MostBytes)
        {
            return 0;
        }

        int follow = _ends is null ? 1 : _ends[equation[^1]] - equation[^1];
        int rows = (int)Math.Clamp(BlockBytes / bytes, 1, follow);
        Read(equation, (int)terms, zero ? -1 : row, rows);
        int held = _block.Holding();
        _misses += held == 0 ? 1 : 0;
        return held;
    }

    private void Read(ReadOnlySpan<int> equation, int terms, long sourceRow, int rows)
    {
        _block.Begin(terms, rows);
        if (sourceRow < 0)
        {
            _block.Source.Clear();
        }
        else
        {
            _source.ReadBytes(checked(sourceRow * _last.Source * _block.ElementBytes), _block.Source);
        }

        for (int t = 0; t < terms; t++)
        {
            int rest = t;
            long first = 0;
            for (int a = equation.Length - 1; a >= 0; a--)
            {
                ArraySegment<int> along = _axes[a].TermsOf(equation[a]);
                (rest, int k) = Math.DivRem(rest, along.Count);
                first += along[k] * _strides[a];
            }

            _grown.ReadBytes(checked(first * _block.ElementBytes), _block.Term(t));
        }
    }

    /// <summary>For each equation of an axis, where its segment ends.</summary>
    private static int[] EndsOf(CheckedAxis axis)
    {
        int[] ends = new int[axis.Equations];
        foreach (AxisSegment segment in AxisSegment.Of(axis))
        {
            ends.AsSpan(segment.Start, segment.Length).Fill(segment.Start + segment.Length);
        }

        return ends;
    }
}
