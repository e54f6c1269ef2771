using OnnxGrow.Growth.Recipes;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Training.Ligo;

/// <summary>The operators of a growth, each made where it is met first.</summary>
internal sealed class OperatorTable(LigoOptions options)
{
    /// <summary>Noise of the published start, in units of a selected entry.</summary>
    public const double Noise = 0.03;

    private readonly Dictionary<string, GrowthOperator> _operators = new(StringComparer.Ordinal);

    /// <summary>All of them, in the order in which they were made.</summary>
    public IEnumerable<GrowthOperator> All => _operators.Values;

    /// <summary>The operator of a piece.</summary>
    public GrowthOperator Of(OperatorPiece piece, RecipeAxis axis)
    {
        if (!_operators.TryGetValue(piece.Key, out GrowthOperator? known))
        {
            _operators.Add(piece.Key, known = Make(piece, axis.Expansion));
        }

        return known;
    }

    private GrowthOperator Make(OperatorPiece piece, AxisExpansion expansion)
    {
        float[] values = new float[piece.Target * piece.Source];
        float[]? shares = null;
        if (options.Start == LigoStart.Paper)
        {
            Select(values, piece);
        }
        else
        {
            int[] copies = Expand(values, piece, expansion);
            shares = copies.All(c => c == 1) ? null : [.. copies.Select(c => 1f / Math.Max(c, 1))];
        }

        string name = "ligo/" + piece.Key;
        return new GrowthOperator(name, piece.Target, piece.Source, values, options.Tying == LigoTying.Code ? FixedRows(values, piece) : 0, shares);
    }

    /// <summary>The rows of the expansion P that belong to the piece.</summary>
    /// <returns>How many copies each source entry has.</returns>
    private static int[] Expand(float[] values, OperatorPiece piece, AxisExpansion expansion)
    {
        int[] copies = new int[piece.Source];
        for (int row = 0; row < piece.Target; row++)
        {
            int from = expansion.Map[piece.TargetStart + row];
            Span<float> entries = values.AsSpan(row * piece.Source, piece.Source);
            if (from >= 0)
            {
                entries[from - piece.SourceStart] = 1;
                copies[from - piece.SourceStart]++;
            }
            else if (from != AxisExpansion.Zero)
            {
                AverageBlock block = expansion.Blocks[-2 - from];
                for (int i = 0; i < block.Count; i++)
                {
                    entries[block.Start + i - piece.SourceStart] = (float)((expansion.Weights?[block.Start + i] ?? 1) / block.Count);
                }
            }
        }

        return copies;
    }

    /// <summary>The identity, and below it rows that each select an entry, with noise; they sum to one (LiGO's "sel_noisy").</summary>
    private void Select(float[] values, OperatorPiece piece)
    {
        var random = SplitMix64.For(options.Seed, piece.Key);
        for (int row = 0; row < piece.Target; row++)
        {
            Span<float> entries = values.AsSpan(row * piece.Source, piece.Source);
            if (row < piece.Source)
            {
                entries[row] = 1;
                continue;
            }

            double sum = 1;
            for (int i = 0; i < entries.Length; i++)
            {
                double noise = random.Uniform() * Noise;
                entries[i] = (float)noise;
                sum += noise;
            }

            entries[(int)random.Below(piece.Source)] += 1;
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = (float)(entries[i] / sum);
            }
        }
    }

    /// <summary>The first rows, where they are the identity.</summary>
    private static int FixedRows(float[] values, OperatorPiece piece)
    {
        for (int row = 0; row < piece.Source; row++)
        {
            for (int i = 0; i < piece.Source; i++)
            {
                if (values[(row * piece.Source) + i] != (i == row ? 1 : 0))
                {
                    return 0;
                }
            }
        }

        return piece.Source;
    }
}
