using OnnxGrow.Certificate;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// The source of a grown tensor, computed from it where it is asked for. Rule 0.1 read backwards: of W~ P_in = P_out W the
/// left side is summed exactly from the stored entries, and on the right one row of P_out that copies is enough for each
/// source index. A few rows are held, never the tensor.
/// </summary>
internal sealed class RecoveredTensorData : TensorData
{
    private readonly TensorData _grown;
    private readonly CheckedAxis[] _axes;
    private readonly int[][] _firstCopies;
    private readonly double _coefficient;
    private readonly double _offset;
    private readonly int _size;
    private readonly bool _plain;

    /// <param name="recipe">How the grown tensor was computed; its source is not read.</param>
    /// <param name="grown">The grown tensor's elements.</param>
    public RecoveredTensorData(WeightRecipe recipe, TensorData grown)
    {
        _grown = grown;
        _axes = CheckedAxis.Of(recipe);
        _firstCopies = [.. _axes.Select(FirstCopies)];
        _coefficient = RecipeLayout.CoefficientOf(recipe);
        _offset = recipe.Offset;
        _size = ElementTypes.Bits(grown.ElementType) / 8;
        _plain = _coefficient == 1 && recipe.Axes.All(a => a.Expansion.IsIdentity);
        Count = recipe.SourceDims.Aggregate(1L, (n, d) => checked(n * d));
    }

    /// <inheritdoc/>
    public override ElementType ElementType => _grown.ElementType;

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        if (_plain)
        {
            _grown.ReadBytes(byteOffset, destination);
            return;
        }

        StoredForm.ReadBytes(this, byteOffset, destination, ReadElements);
    }

    private static int[] FirstCopies(CheckedAxis axis)
    {
        int[] first = new int[axis.Source];
        for (int j = axis.Target - 1; j >= 0; j--)
        {
            if (axis.Map[j] >= 0)
            {
                first[axis.Map[j]] = j;
            }
        }

        return first;
    }

    private void ReadElements(long first, Span<byte> destination)
    {
        CheckedAxis last = _axes[^1];
        var side = new GrownSide(_axes, _grown, new ResidualTracker());
        int[] equation = new int[_axes.Length - 1];
        double[] row = new double[last.Source];
        while (destination.Length > 0)
        {
            (long outer, long column) = Math.DivRem(first, last.Source);
            for (int a = equation.Length - 1; a >= 0; a--)
            {
                (outer, long index) = Math.DivRem(outer, _axes[a].Source);
                equation[a] = _axes[a].IsReader ? (int)index : _firstCopies[a][index];
            }

            int count = (int)Math.Min(last.Source - column, destination.Length / _size);
            side.Load(equation);
            for (int i = 0; i < count; i++)
            {
                int at = (int)column + i;
                row[i] = SourceOf(side.Sums, last.IsReader ? at : _firstCopies[^1][at]);
            }

            ElementTypes.FromDoubles(ElementType, row.AsSpan(0, count), destination[..(count * _size)]);
            destination = destination[(count * _size)..];
            first += count;
        }
    }

    private double SourceOf(ExactSum sums, int at)
    {
        double high = sums.High[at];
        if (!double.IsFinite(high))
        {
            return double.IsNaN(high) ? high : high / _coefficient;
        }

        // Adding up would turn a negative zero into a positive one.
        if (_coefficient == 1)
        {
            return sums.Low[at] == 0 ? high : sums.At(at).High;
        }

        if (_offset == 0)
        {
            return high == 0 ? high / _coefficient : (sums.At(at) / _coefficient).High;
        }

        return (((sums.At(at) + _offset) / _coefficient) + -_offset).High;
    }
}
