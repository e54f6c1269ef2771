using System.Diagnostics.CodeAnalysis;

namespace OnnxGrow.Growth.Recipes;

/// <summary>A stretch of a grown tensor within one run of its last axis.</summary>
internal struct RecipePiece
{
    /// <summary>What its entries are.</summary>
    public EntryKind Kind;

    /// <summary>Position of its first entry among the grown elements.</summary>
    public long Target;

    /// <summary>How many entries.</summary>
    public int Length;

    /// <summary>Length of the whole run that it is part of: unlike <see cref="Length"/> not a matter of where a read begins.</summary>
    public int RunLength;

    /// <summary>Which axes average, one bit each; 0: the entries come from the source itself.</summary>
    public int Means;

    /// <summary>Position of the first entry's origin in the source, or in the table of <see cref="Means"/>.</summary>
    public long Origin;

    /// <summary>1 where the origins follow each other, 0 where all entries have the same.</summary>
    public int Step;

    /// <summary>How many entries share one origin.</summary>
    public long Copies;

    /// <summary>Which of them these are.</summary>
    public long Ordinal;

    /// <summary>Number of the first entry's group; the groups of the others follow it.</summary>
    public long Group;

    /// <summary>Part of this piece.</summary>
    public readonly RecipePiece Slice(int start, int length)
    {
        RecipePiece piece = this;
        piece.Target += start;
        piece.Origin += start * Step;
        piece.Group += start;
        piece.Length = length;
        return piece;
    }
}

/// <summary>Walks a range of a grown tensor, piece by piece.</summary>
internal ref struct RecipeCursor
{
    private readonly RecipeLayout _layout;
    private readonly MeanTables _means;
    private readonly Span<int> _index;
    private readonly Span<int> _origin;
    private RecipePiece _row;
    private RecipePiece _piece;
    private long _position;
    private readonly long _end;
    private int _column;
    private int _run;

    /// <param name="layout">The axes.</param>
    /// <param name="means">The tables of averages.</param>
    /// <param name="first">The first grown element.</param>
    /// <param name="count">How many.</param>
    /// <param name="scratch">Twice as many integers as there are axes.</param>
    public RecipeCursor(RecipeLayout layout, MeanTables means, long first, long count, Span<int> scratch)
    {
        _layout = layout;
        _means = means;
        int rank = layout.Axes.Length;
        _index = scratch[..rank];
        _origin = scratch.Slice(rank, rank);
        _position = first;
        _end = first + count;
        if (count == 0)
        {
            return;
        }

        long rest = first;
        for (int a = rank - 1; a >= 0; a--)
        {
            (rest, long index) = Math.DivRem(rest, layout.Axes[a].Target);
            _index[a] = (int)index;
        }

        _column = _index[rank - 1];
        _run = RunAt(_column);
        StartRow();
    }

    /// <summary>The piece that the last call of <see cref="MoveNext"/> came to.</summary>
    [UnscopedRef]
    public readonly ref readonly RecipePiece Current => ref _piece;

    /// <summary>Goes to the next piece.</summary>
    public bool MoveNext()
    {
        if (_position == _end)
        {
            return false;
        }

        if (_run == _layout.LastRuns.Length)
        {
            NextRow();
        }

        ref readonly AxisRun run = ref _layout.LastRuns[_run];
        int within = _column - run.Start;
        int length = (int)Math.Min(run.Length - within, _end - _position);
        SetPiece(in run, within, length);
        _position += length;
        _column += length;
        if (within + length == run.Length)
        {
            _run++;
        }

        return true;
    }

    private readonly int RunAt(int column)
    {
        AxisRun[] runs = _layout.LastRuns;
        int low = 0;
        int high = runs.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (runs[middle].Start <= column)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private void NextRow()
    {
        for (int a = _layout.Axes.Length - 2; a >= 0; a--)
        {
            if (++_index[a] < _layout.Axes[a].Target)
            {
                break;
            }

            _index[a] = 0;
        }

        _column = 0;
        _run = 0;
        StartRow();
    }

    /// <summary>Combines what all axes but the last say.</summary>
    private void StartRow()
    {
        _row = new RecipePiece { Copies = 1 };
        for (int a = 0; a < _layout.Axes.Length - 1; a++)
        {
            AxisRun entry = _layout.Axes[a].At(_index[a]);
            AddAxis(ref _row, a, in entry, 0);
        }
    }

    private void SetPiece(in AxisRun run, int within, int length)
    {
        _piece = _row;
        AddAxis(ref _piece, _layout.Axes.Length - 1, in run, within);
        _piece.Target = _position;
        _piece.Length = length;
        _piece.RunLength = run.Length;
        _piece.Step = run.Kind == EntryKind.Copy ? 1 : 0;
        if (_piece.Means != 0)
        {
            _piece.Origin = 0;
            long[] strides = _means.Of(_piece.Means).Strides;
            for (int a = 0; a < strides.Length; a++)
            {
                _piece.Origin += _origin[a] * strides[a];
            }
        }
    }

    private readonly void AddAxis(ref RecipePiece piece, int axis, in AxisRun entry, int within)
    {
        RecipeAxisLayout layout = _layout.Axes[axis];
        int origin = entry.Kind == EntryKind.Copy ? entry.Source + within : entry.Source;
        _origin[axis] = origin;
        piece.Kind = (EntryKind)Math.Max((int)piece.Kind, (int)entry.Kind);
        piece.Means |= entry.Kind == EntryKind.Mean ? 1 << axis : 0;
        piece.Origin += origin * layout.SourceStride;
        piece.Ordinal = (piece.Ordinal * entry.Copies) + entry.Ordinal;
        piece.Copies *= entry.Copies;
        piece.Group += (layout.Role == AxisRole.Reader ? origin : entry.Start + within) * layout.GroupStride;
    }
}
