using System.Collections.Immutable;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Certificate;

/// <summary>What a stretch of grown indices of one axis is.</summary>
internal enum StretchKind
{
    /// <summary>Copies of source indices that follow each other.</summary>
    Copies,

    /// <summary>The average of one block of source indices.</summary>
    Average,

    /// <summary>Zero in the expansion.</summary>
    Zero,
}

/// <summary>Grown indices of one axis that follow each other and are alike.</summary>
/// <param name="Start">The first grown index.</param>
/// <param name="Length">How many.</param>
/// <param name="Kind">What they are.</param>
/// <param name="From">Copies: the first one's source index; averages: the block.</param>
/// <param name="Fresh">Whether they are the first copies of their source indices.</param>
internal readonly record struct Stretch(int Start, int Length, StretchKind Kind, int From, bool Fresh);

/// <summary>One axis of a weight as the certificate reads it: P by rows and by columns, told from the map alone.</summary>
internal sealed class CheckedAxis
{
    private readonly int[] _firstCopy;
    private readonly int[] _copies;
    private readonly Lazy<int[]> _all;

    public CheckedAxis(AxisRole role, AxisExpansion expansion)
    {
        Role = role;
        Source = expansion.Source;
        Target = expansion.Target;
        Map = expansion.Map.ToArray();
        Blocks = expansion.Blocks;
        Weights = expansion.Weights;
        _all = new Lazy<int[]>(() => [.. Enumerable.Range(0, Target)]);

        // Column i of P: the grown indices that copy i, from _firstCopy[i] on in _copies.
        _firstCopy = new int[Source + 1];
        foreach (int i in Map.Where(i => i >= 0))
        {
            _firstCopy[i + 1]++;
        }

        for (int i = 0; i < Source; i++)
        {
            MostCopies = Math.Max(MostCopies, _firstCopy[i + 1]);
            FewestCopies = Math.Min(FewestCopies, _firstCopy[i + 1]);
            _firstCopy[i + 1] += _firstCopy[i];
        }

        _copies = new int[_firstCopy[Source]];
        int[] next = [.. _firstCopy];
        var averages = new List<int>[Blocks.Length];
        var stretches = new List<Stretch>();
        for (int j = 0; j < Target; j++)
        {
            int i = Map[j];
            bool fresh = i >= 0 && next[i] == _firstCopy[i];
            if (i >= 0)
            {
                _copies[next[i]++] = j;
            }
            else if (i < AxisExpansion.Zero)
            {
                (averages[-2 - i] ??= []).Add(j);
            }

            AddTo(stretches, j, i, fresh);
        }

        Averages = [.. averages.Select(a => a?.ToArray() ?? [])];
        Stretches = [.. stretches];
        HasAverages = averages.Any(a => a is not null);
        HasZeros = Array.IndexOf(Map, AxisExpansion.Zero) >= 0;
    }

    public AxisRole Role { get; }

    public bool IsReader => Role == AxisRole.Reader;

    public int Source { get; }

    public int Target { get; }

    public int[] Map { get; }

    public ImmutableArray<AverageBlock> Blocks { get; }

    /// <summary>What each source index counts in an average; null where each counts 1.</summary>
    public double[]? Weights { get; }

    public Stretch[] Stretches { get; }

    /// <summary>For each block, the grown indices that hold its average.</summary>
    public int[][] Averages { get; }

    public bool HasAverages { get; }

    public bool HasZeros { get; }

    public int MostCopies { get; }

    public int FewestCopies { get; } = int.MaxValue;

    /// <summary>The indices that the equations W~ P_in = P_out W have along this axis.</summary>
    public int Equations => IsReader ? Source : Target;

    /// <summary>The grown indices whose entries an equation sums: on readers the copies of a source index.</summary>
    public ArraySegment<int> TermsOf(int equation) => IsReader
        ? new ArraySegment<int>(_copies, _firstCopy[equation], _firstCopy[equation + 1] - _firstCopy[equation])
        : new ArraySegment<int>(_all.Value, equation, 1);

    /// <summary>
    /// The axes of a recipe, without those of extent 1, and with inner axes that do not grow joined to one: a row of the
    /// last axis is what is checked at once.
    /// </summary>
    public static CheckedAxis[] Of(WeightRecipe recipe)
    {
        const int LongestJoined = 4096;
        var axes = new List<RecipeAxis>();
        foreach (RecipeAxis axis in recipe.Axes)
        {
            int extent = axis.Expansion.Source;
            bool same = axis.Expansion.IsIdentity;
            if (same && extent == 1)
            {
                continue;
            }

            if (same && axes.Count > 0 && axes[^1].Expansion.IsIdentity && (long)axes[^1].Expansion.Source * extent <= LongestJoined)
            {
                axes[^1] = new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(axes[^1].Expansion.Source * extent));
            }
            else
            {
                axes.Add(axis);
            }
        }

        if (axes.Count == 0)
        {
            axes.Add(new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(1)));
        }

        return [.. axes.Select(a => new CheckedAxis(a.Role, a.Expansion))];
    }

    private static void AddTo(List<Stretch> stretches, int index, int source, bool fresh)
    {
        StretchKind kind = source >= 0 ? StretchKind.Copies : source == AxisExpansion.Zero ? StretchKind.Zero : StretchKind.Average;
        int from = kind == StretchKind.Copies ? source : kind == StretchKind.Average ? -2 - source : 0;
        if (stretches.Count > 0)
        {
            Stretch last = stretches[^1];
            int expected = kind == StretchKind.Copies ? last.From + last.Length : last.From;
            if (last.Kind == kind && last.Fresh == fresh && from == expected)
            {
                stretches[^1] = last with { Length = last.Length + 1 };
                return;
            }
        }

        stretches.Add(new Stretch(index, 1, kind, from, fresh));
    }
}
