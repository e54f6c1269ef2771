using System.Numerics;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>The arithmetic of a recipe: what becomes of source entries, and what entries without a source hold.</summary>
internal sealed class RecipeValues
{
    private readonly WeightRecipe _recipe;
    private readonly double _coefficient;
    private readonly Shares _shares;
    private readonly RandomStream _free;
    private readonly PairedNoise _noise;
    private readonly Lazy<double> _size;

    public RecipeValues(WeightRecipe recipe)
    {
        _recipe = recipe;
        _coefficient = RecipeLayout.CoefficientOf(recipe);
        _shares = new Shares(
            recipe.Source.ElementType,
            new RandomStream(recipe.Seed, recipe.Name, RandomPurpose.Shares),
            new RandomStream(recipe.Seed, recipe.Name, RandomPurpose.ZeroSum));
        _free = new RandomStream(recipe.Seed, recipe.Name, RandomPurpose.Free);
        _noise = new PairedNoise(recipe.Source.ElementType, new RandomStream(recipe.Seed, recipe.Name, RandomPurpose.Noise));
        _size = new Lazy<double>(SizeOfRandom);
    }

    /// <summary>Whether entries with one copy are the source's own.</summary>
    public bool Copies => _coefficient == 1;

    private bool IsZero => _coefficient == 0;

    /// <summary>
    /// The power of two that the entries of a piece are multiplied by, where that is all that happens to them; null where more
    /// happens.
    /// </summary>
    public double? FactorOf(in RecipePiece piece)
    {
        bool plain = double.IsPow2(_coefficient) && (_coefficient == 1 || _recipe.Offset == 0)
            && (piece.Copies == 1 || (_recipe.Split == SplitStyle.Equal && _recipe.NoiseDb is null && BitOperations.IsPow2(piece.Copies)));
        return plain ? _coefficient / piece.Copies : null;
    }

    /// <summary>Whether a piece takes its values from the source.</summary>
    public bool NeedsSource(in RecipePiece piece) => piece.Kind <= EntryKind.Mean && !IsZero;

    /// <summary>Turns source entries, or means of them, into grown entries.</summary>
    public void Apply(Span<double> entries, in RecipePiece piece)
    {
        Scale(entries);
        if (piece.Copies == 1)
        {
            return;
        }

        if (_recipe.Split == SplitStyle.Equal)
        {
            _shares.SplitEqually(entries, piece);
            AddNoise(entries, piece);
        }
        else
        {
            _shares.SplitRandomly(entries, piece);
        }
    }

    /// <summary>Fills a piece that takes nothing from the source.</summary>
    public void Fill(Span<double> entries, in RecipePiece piece)
    {
        switch (piece.Kind)
        {
            case EntryKind.Zero:
                entries.Clear();
                break;
            case EntryKind.FreeGain when _recipe.Free == FreeFill.Random:
                for (int i = 0; i < entries.Length; i++)
                {
                    entries[i] = (_coefficient * _free.SignedUniform((ulong)(piece.Target + i))) - _recipe.Offset;
                }

                break;
            case EntryKind.FreeReader when _recipe.Free == FreeFill.Random && (!IsZero || _recipe.ZeroSum) && _size.Value != 0:
                for (int i = 0; i < entries.Length; i++)
                {
                    entries[i] = _free.Normal((ulong)(piece.Target + i)) * _size.Value;
                }

                break;
            case EntryKind.FreeGain when _recipe.Free == FreeFill.One:
                entries.Fill(1);
                break;
            case EntryKind.New when _size.Value != 0:
                for (int i = 0; i < entries.Length; i++)
                {
                    entries[i] = _free.Normal((ulong)(piece.Target + i)) * _size.Value;
                }

                break;
            case EntryKind.FreeGain or EntryKind.FreeReader or EntryKind.New:
                entries.Clear();
                break;
            default:
                FillZero(entries, piece);
                break;
        }
    }

    /// <summary>The ratio is that of the tensor's size to the noise's deviation, as equal shares of both.</summary>
    private void AddNoise(Span<double> shares, in RecipePiece piece)
    {
        if (_recipe.NoiseDb is { } decibels)
        {
            _noise.Add(shares, piece, _size.Value / piece.Copies * Math.Pow(10, -decibels / 20));
        }
    }

    /// <summary>Entries whose source counts nothing, because the factor is zero.</summary>
    private void FillZero(Span<double> entries, in RecipePiece piece)
    {
        if (!_recipe.ZeroSum || piece.Copies == 1 || _size.Value == 0)
        {
            entries.Fill(0 - _recipe.Offset);
            return;
        }

        // No sum of shares is larger than 4.9 times the size, which is below 2^(its exponent + 4). On a grid that has as
        // many steps up to there as the stored type has significands, every share and every sum of shares is exact.
        ElementType type = _recipe.Source.ElementType;
        int grid = Math.ILogB(_size.Value) + 4 - ElementTypes.SignificandBits(type);
        _shares.FillZeroSum(entries, piece, _size.Value / piece.Copies, Math.Max(grid, ElementTypes.MinExponent(type)));
    }

    private void Scale(Span<double> entries)
    {
        double coefficient = _coefficient;
        double offset = _recipe.Offset;
        if (coefficient == 1)
        {
            return;
        }

        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = offset == 0 ? coefficient * entries[i] : (coefficient * (entries[i] + offset)) - offset;
        }
    }

    /// <summary>The deviation of random entries: the source's size, as the coefficient scales it, and small enough to be stored.</summary>
    private double SizeOfRandom()
    {
        double size = SourceScale.RootMeanSquare(_recipe.Source);
        double largest = LargestOf(_recipe.Source.ElementType);
        return Math.Min(size * (IsZero ? 1 : Math.Abs(_coefficient)), largest / 16);
    }

    private static double LargestOf(ElementType type) => type switch
    {
        ElementType.Float64 => double.MaxValue,
        ElementType.Float16 => (double)Half.MaxValue,
        _ => 3.3e38,
    };
}
