namespace OnnxGrow.Growth.Recipes;

/// <summary>What an entry of a grown tensor is; where axes disagree, the later in this list wins.</summary>
internal enum EntryKind
{
    /// <summary>A copy, or a share, of a source entry.</summary>
    Copy,

    /// <summary>The mean of source entries (an averaging row of a writer), or a share of it.</summary>
    Mean,

    /// <summary>Multiplies an activation that is zero.</summary>
    FreeGain,

    /// <summary>Is summed over with an activation that is zero.</summary>
    FreeReader,

    /// <summary>An entry that the source has not: of a new row of a table.</summary>
    New,

    /// <summary>Must be zero: a zero row of a writer, or a reader of an average, whose copies read it already.</summary>
    Zero,
}

/// <summary>Grown indices of one axis that are alike and whose source indices follow each other.</summary>
/// <param name="Start">The first grown index.</param>
/// <param name="Length">How many.</param>
/// <param name="Kind">What they are.</param>
/// <param name="Source">Copies: the source index of the first; means: the block of all of them.</param>
/// <param name="Ordinal">Readers' copies: which copy of its source index each of them is.</param>
/// <param name="Copies">Readers' copies: how many copies each source index has; otherwise 1.</param>
internal readonly record struct AxisRun(int Start, int Length, EntryKind Kind, int Source, int Ordinal, int Copies)
{
    public int End => Start + Length;
}

/// <summary>One axis of a recipe as the evaluator walks it.</summary>
internal sealed class RecipeAxisLayout(AxisRole role, AxisExpansion expansion)
{
    public AxisRole Role { get; } = role;

    public AxisExpansion Expansion { get; } = expansion;

    public int Source => Expansion.Source;

    public int Target => Expansion.Target;

    /// <summary>Elements of the source from one index of this axis to the next.</summary>
    public long SourceStride { get; set; }

    /// <summary>Groups from one index of this axis to the next: see <see cref="GroupExtent"/>.</summary>
    public long GroupStride { get; set; }

    /// <summary>
    /// A group is a set of entries that share one source entry: it is told by the source index on readers and by the
    /// grown index on all other axes.
    /// </summary>
    public int GroupExtent => Role == AxisRole.Reader ? Source : Target;

    /// <summary>The entry at one grown index.</summary>
    public AxisRun At(int index)
    {
        int source = Expansion.Map[index];
        if (source >= 0)
        {
            return Role == AxisRole.Reader
                ? new AxisRun(index, 1, EntryKind.Copy, source, Expansion.Ordinal[index], Expansion.Copies[source])
                : new AxisRun(index, 1, EntryKind.Copy, source, 0, 1);
        }

        EntryKind kind = (Role, source) switch
        {
            (AxisRole.Reader, AxisExpansion.Zero) => EntryKind.FreeReader,
            (AxisRole.Gain, AxisExpansion.Zero) => EntryKind.FreeGain,
            (AxisRole.Append, AxisExpansion.Zero) => EntryKind.New,
            (AxisRole.Reader, _) => EntryKind.Zero,
            (_, AxisExpansion.Zero) => EntryKind.Zero,
            _ => EntryKind.Mean,
        };
        return new AxisRun(index, 1, kind, kind == EntryKind.Mean ? -2 - source : 0, 0, 1);
    }

    /// <summary>All grown indices, as few runs as can be.</summary>
    public AxisRun[] Runs()
    {
        var runs = new List<AxisRun>();
        for (int j = 0; j < Target; j++)
        {
            AxisRun next = At(j);
            if (runs.Count > 0 && Continues(runs[^1], next))
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + 1 };
            }
            else
            {
                runs.Add(next);
            }
        }

        return [.. runs];
    }

    private static bool Continues(AxisRun run, AxisRun next) =>
        run.Kind == next.Kind && run.Ordinal == next.Ordinal && run.Copies == next.Copies
        && next.Source == (run.Kind == EntryKind.Copy ? run.Source + run.Length : run.Source);
}
