using System.Buffers;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// The elements of a grown tensor, computed from its recipe where they are asked for. Neither the source nor the grown
/// tensor is ever held whole; an element's value depends on its position alone, not on who reads it, when or in what
/// pieces. Stretches that are plain copies keep the source's bits.
/// </summary>
public sealed class RecipeTensorData : TensorData
{
    private const int BlockLength = 4096;

    private readonly WeightRecipe _recipe;
    private readonly TensorData _source;
    private readonly RecipeLayout _layout;
    private readonly MeanTables _means;
    private readonly PieceSource _pieces;
    private readonly RecipeValues? _values;
    private readonly int _elementSize;

    /// <summary>The tensor that a recipe describes.</summary>
    /// <exception cref="CannotGrowException">The recipe asks for what no weight can do.</exception>
    public RecipeTensorData(WeightRecipe recipe)
    {
        _recipe = recipe;
        _source = recipe.Source;
        _layout = new RecipeLayout(recipe);
        _means = new MeanTables(_source, _layout);
        _pieces = new PieceSource(_source, _means);
        _elementSize = ElementTypes.Bits(_source.ElementType) / 8;
        Count = recipe.Axes.Aggregate(1L, (n, a) => checked(n * a.Expansion.Target));
        IsPlainCopy = _layout.IsIdentity && RecipeLayout.CoefficientOf(recipe) == 1;
        if (!IsPlainCopy)
        {
            if (!ElementTypes.IsGrowable(_source.ElementType))
            {
                throw new CannotGrowException(
                    ErrorCode.Weight, $"'{Text.Name(recipe.Name)}' holds {_source.ElementType}; "
                    + "only float16, bfloat16, float32 and float64 weights can be grown");
            }

            _values = new RecipeValues(recipe);
        }
    }

    /// <inheritdoc/>
    public override ElementType ElementType => _source.ElementType;

    /// <inheritdoc/>
    public override long Count { get; }

    /// <summary>Whether the grown tensor is the source tensor.</summary>
    public bool IsPlainCopy { get; }

    /// <summary>The recipe.</summary>
    public WeightRecipe Recipe => _recipe;

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        if (IsPlainCopy)
        {
            _source.ReadBytes(byteOffset, destination);
            return;
        }

        StoredForm.ReadBytes(this, byteOffset, destination, ReadElements);
    }

    /// <inheritdoc/>
    public override void ReadDoubles(long first, Span<double> destination)
    {
        StoredForm.CheckRange(first, destination.Length, Count);
        if (IsPlainCopy)
        {
            _source.ReadDoubles(first, destination);
            return;
        }

        using var window = new SourceWindow(_source, _layout.Axes[^1].Source);
        var cursor = new RecipeCursor(_layout, _means, first, destination.Length, stackalloc int[2 * _layout.Axes.Length]);
        while (cursor.MoveNext())
        {
            ref readonly RecipePiece piece = ref cursor.Current;
            Evaluate(piece, destination.Slice((int)(piece.Target - first), piece.Length), window);
        }
    }

    private void ReadElements(long first, Span<byte> destination)
    {
        using var window = new SourceWindow(_source, _layout.Axes[^1].Source);
        double[] buffer = ArrayPool<double>.Shared.Rent(BlockLength);
        int pending = 0;
        Span<byte> free = destination;
        var cursor = new RecipeCursor(
            _layout, _means, first, destination.Length / _elementSize, stackalloc int[2 * _layout.Axes.Length]);
        while (cursor.MoveNext())
        {
            ref readonly RecipePiece piece = ref cursor.Current;
            if (IsCopiedBitByBit(piece))
            {
                Flush(buffer, ref pending, ref free);
                int bytes = piece.Length * _elementSize;
                _source.ReadBytes(piece.Origin * _elementSize, free[..bytes]);
                free = free[bytes..];
                continue;
            }

            if (IsScaledAlone(piece, out float factor))
            {
                Flush(buffer, ref pending, ref free);
                Span<byte> bytes = free[..(piece.Length * _elementSize)];
                _source.ReadBytes(piece.Origin * _elementSize, bytes);
                if (ScaledCopy.TryScale(MemoryMarshal.Cast<byte, float>(bytes), factor))
                {
                    free = free[bytes.Length..];
                    continue;
                }
            }

            if (piece.Length <= BlockLength - pending)
            {
                Evaluate(piece, buffer.AsSpan(pending, piece.Length), window);
                pending += piece.Length;
                continue;
            }

            for (int done = 0; done < piece.Length;)
            {
                if (pending == BlockLength)
                {
                    Flush(buffer, ref pending, ref free);
                }

                int length = Math.Min(piece.Length - done, BlockLength - pending);
                Evaluate(piece.Slice(done, length), buffer.AsSpan(pending, length), window);
                pending += length;
                done += length;
            }
        }

        Flush(buffer, ref pending, ref free);
        ArrayPool<double>.Shared.Return(buffer);
    }

    /// <summary>By the length of the whole run, not of the piece, so that no element depends on where a read begins.</summary>
    private bool IsCopiedBitByBit(in RecipePiece piece) =>
        piece.Kind == EntryKind.Copy && piece.Means == 0 && piece.Copies == 1 && piece.RunLength >= PieceSource.ShortRun && _values!.Copies;

    private bool IsScaledAlone(in RecipePiece piece, out float factor)
    {
        double? all = piece.RunLength >= PieceSource.ShortRun && ElementType == ElementType.Float32 && BitConverter.IsLittleEndian
            && piece.Means == 0 && _values!.NeedsSource(piece) ? _values.FactorOf(piece) : null;
        factor = (float)(all ?? 0);
        return all is not null && float.IsNormal(factor);
    }

    private void Flush(double[] buffer, ref int pending, ref Span<byte> free)
    {
        ElementTypes.FromDoubles(ElementType, buffer.AsSpan(0, pending), free);
        free = free[(pending * _elementSize)..];
        pending = 0;
    }

    /// <summary>The unrounded values of a piece.</summary>
    private void Evaluate(in RecipePiece piece, Span<double> values, SourceWindow window)
    {
        if (!_values!.NeedsSource(piece))
        {
            _values.Fill(values, piece);
            return;
        }

        _pieces.Read(piece, values, window);
        _values.Apply(values, piece);
    }
}
