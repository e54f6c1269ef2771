using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.States;

/// <summary>
/// A moment of a grown weight, computed from the source's where it is asked for. Entries that the source has nothing of begin with
/// a mean of 0, and a mean square that is the tensor's: with 0 there too, their first update would be several times the learning
/// rate (growth-math, rule 6.2).
/// </summary>
internal sealed class GrownMoment : TensorData
{
    private const int BlockLength = 4096;

    private readonly TensorData _source;
    private readonly RecipeLayout _layout;
    private readonly MeanTables _means;
    private readonly PieceSource _pieces;
    private readonly double _coefficient;
    private readonly int _power;
    private readonly Lazy<double> _fill;

    /// <param name="weight">How the weight grows.</param>
    /// <param name="state">The source's moment.</param>
    /// <param name="power">The power of the gradient that it is a mean of, 1 or 2.</param>
    public GrownMoment(WeightRecipe weight, TensorData state, int power)
    {
        (WeightRecipe recipe, double coefficient) = TransposedRecipe.Of(weight, state, power);
        _source = state;
        _layout = new RecipeLayout(recipe);
        _means = new MeanTables(state, _layout);
        _pieces = new PieceSource(state, _means);
        _power = power;
        _coefficient = Math.Pow(coefficient, power);
        _fill = new Lazy<double>(() => power == 1 ? 0 : MeanOfGrown(recipe));
        Count = recipe.Axes.Aggregate(1L, (n, a) => checked(n * a.Expansion.Target));
    }

    /// <inheritdoc/>
    public override ElementType ElementType => _source.ElementType;

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination) => StoredForm.ReadRounded(this, byteOffset, destination);

    /// <inheritdoc/>
    public override void ReadDoubles(long first, Span<double> destination)
    {
        StoredForm.CheckRange(first, destination.Length, Count);
        using var window = new SourceWindow(_source, _layout.Axes[^1].Source);
        var cursor = new RecipeCursor(_layout, _means, first, destination.Length, stackalloc int[2 * _layout.Axes.Length]);
        while (cursor.MoveNext())
        {
            ref readonly RecipePiece piece = ref cursor.Current;
            Evaluate(piece, destination.Slice((int)(piece.Target - first), piece.Length), window);
        }
    }

    private void Evaluate(in RecipePiece piece, Span<double> values, SourceWindow window)
    {
        if (piece.Kind > EntryKind.Mean)
        {
            values.Fill(_fill.Value);
            return;
        }

        _pieces.Read(piece, values, window);
        double factor = _coefficient / Math.Pow(piece.Copies, _power);
        for (int i = 0; i < values.Length && factor != 1; i++)
        {
            values[i] *= factor;
        }
    }

    /// <summary>The mean of the source's entries, as a grown entry with the usual number of copies has it.</summary>
    private double MeanOfGrown(WeightRecipe recipe)
    {
        double sum = 0;
        double[] buffer = new double[BlockLength];
        for (long first = 0; first < _source.Count; first += BlockLength)
        {
            Span<double> block = buffer.AsSpan(0, (int)Math.Min(BlockLength, _source.Count - first));
            _source.ReadDoubles(first, block);
            foreach (double value in block)
            {
                sum += value;
            }
        }

        double copies = 1;
        foreach (RecipeAxis axis in recipe.Axes.Where(a => a.Role == AxisRole.Reader))
        {
            copies *= axis.Expansion.Copies.Average();
        }

        return _source.Count == 0 ? 0 : sum / _source.Count * _coefficient / Math.Pow(copies, _power);
    }
}
