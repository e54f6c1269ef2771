using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>The left side of the equations, W~ P_in, summed exactly from the stored entries, a row at a time.</summary>
internal sealed class GrownSide
{
    private const int MostCachedEntries = 1 << 22;
    private const int MostCachedRows = 1 << 16;

    private readonly CheckedAxis[] _axes;
    private readonly CheckedAxis _last;
    private readonly StoredRows _rows;
    private readonly long[] _strides;
    private readonly ResidualTracker _tracker;
    private readonly bool _averages;
    private readonly ArraySegment<int>[] _terms;
    private readonly ExactSum? _lastAverages;

    // Sums over the grown rows that hold an average, which all source rows of the block share; null where all are zero.
    private readonly Dictionary<long, ExactSum?> _cache = [];
    private long _cached;

    public GrownSide(CheckedAxis[] axes, TensorData grown, ResidualTracker tracker)
    {
        _axes = axes;
        _last = axes[^1];
        _rows = new StoredRows(grown, _last.Target);
        _tracker = tracker;
        _terms = new ArraySegment<int>[axes.Length - 1];
        _strides = new long[axes.Length];
        long stride = 1;
        for (int a = axes.Length - 1; a >= 0; a--)
        {
            _strides[a] = stride;
            stride *= axes[a].Target;
        }

        _averages = axes.SkipLast(1).Any(a => a.IsReader && a.HasAverages);
        Sums = new ExactSum(_last.Equations);
        _lastAverages = _last.IsReader && _last.HasAverages ? new ExactSum(_last.Blocks.Length) : null;
    }

    /// <summary>The sums of the row that was loaded last: one for each equation along the last axis.</summary>
    public ExactSum Sums { get; }

    /// <summary>Sums the entries of one row of equations.</summary>
    /// <param name="equation">The equation's index on each axis but the last.</param>
    public void Load(ReadOnlySpan<int> equation)
    {
        for (int a = 0; a < _terms.Length; a++)
        {
            _terms[a] = _axes[a].TermsOf(equation[a]);
        }

        SumTerms(Sums);
        if (_averages)
        {
            AddAverages(equation, 0, false, 1, 0);
        }
    }

    /// <summary>Checks that rows which nothing is asked of are finite.</summary>
    public void CheckFree(ReadOnlySpan<int> equation)
    {
        for (int a = 0; a < _terms.Length; a++)
        {
            _terms[a] = _axes[a].TermsOf(equation[a]);
        }

        ForEachRow(first =>
        {
            _rows.Read(first, _last.Target);
            CheckFinite(_rows.Row, first);
        });
    }

    /// <summary>Checks that the rows which meet only zeros are finite: those at a zero of P of any reader but the last axis.</summary>
    public void CheckRowsOfZeros()
    {
        if (!_axes.SkipLast(1).Any(a => a.IsReader && a.HasZeros))
        {
            return;
        }

        int[] index = new int[_terms.Length];
        do
        {
            bool free = false;
            long first = 0;
            for (int a = 0; a < index.Length; a++)
            {
                free |= _axes[a].IsReader && _axes[a].Map[index[a]] == Growth.Recipes.AxisExpansion.Zero;
                first += index[a] * _strides[a];
            }

            if (free)
            {
                _rows.Read(first, _last.Target);
                CheckFinite(_rows.Row, first);
            }
        }
        while (Odometer.Next(index, a => _axes[a].Target));
    }

    /// <summary>Position of the first grown entry of an equation.</summary>
    public long FirstTerm(ReadOnlySpan<int> equation, int last)
    {
        long position = _last.TermsOf(last)[0];
        for (int a = 0; a < equation.Length; a++)
        {
            position += _axes[a].TermsOf(equation[a])[0] * _strides[a];
        }

        return position;
    }

    private void SumTerms(ExactSum sums)
    {
        _lastAverages?.Clear();
        bool fresh = true;
        ForEachRow(first =>
        {
            _rows.Read(first, _last.Target);
            AddRow(sums, first, fresh);
            fresh = false;
        });

        for (int b = 0; _lastAverages is not null && b < _last.Blocks.Length; b++)
        {
            (int start, int count) = _last.Blocks[b];
            for (int i = start; _lastAverages.Magnitude[b] != 0 && i < start + count; i++)
            {
                sums.AddQuotient(i, _lastAverages, b, count);
            }
        }
    }

    private void AddRow(ExactSum sums, long first, bool fresh)
    {
        ReadOnlySpan<double> row = _rows.Row;
        if (!_last.IsReader)
        {
            Add(sums, 0, row, fresh);
            return;
        }

        foreach (Stretch stretch in _last.Stretches)
        {
            ReadOnlySpan<double> part = row.Slice(stretch.Start, stretch.Length);
            switch (stretch.Kind)
            {
                case StretchKind.Copies:
                    Add(sums, stretch.From, part, fresh && stretch.Fresh);
                    break;
                case StretchKind.Zero:
                    CheckFinite(part, first + stretch.Start);
                    break;
                default:
                    foreach (double value in part)
                    {
                        _lastAverages!.AddAt(stretch.From, value);
                    }

                    break;
            }
        }
    }

    private static void Add(ExactSum sums, int at, ReadOnlySpan<double> values, bool fresh)
    {
        if (fresh)
        {
            sums.Set(at, values);
        }
        else
        {
            sums.Add(at, values);
        }
    }

    private void CheckFinite(ReadOnlySpan<double> values, long first)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                _tracker.Fail(first + i, double.PositiveInfinity, double.MaxValue);
                return;
            }
        }
    }

    /// <summary>Calls with the position of each row of the product of the terms.</summary>
    private void ForEachRow(Action<long> action)
    {
        Span<int> at = stackalloc int[_terms.Length];
        at.Clear();
        while (true)
        {
            long first = 0;
            for (int a = 0; a < at.Length; a++)
            {
                first += _terms[a][at[a]] * _strides[a];
            }

            action(first);
            int axis = at.Length - 1;
            while (axis >= 0 && ++at[axis] == _terms[axis].Count)
            {
                at[axis--] = 0;
            }

            if (axis < 0)
            {
                return;
            }
        }
    }

    /// <summary>Adds what the grown rows that hold averages give to an equation: their entries over the block's length.</summary>
    private void AddAverages(ReadOnlySpan<int> equation, int axis, bool averages, double divisor, long key)
    {
        if (axis == _terms.Length)
        {
            if (averages && AverageSums(key) is { } sums)
            {
                for (int i = 0; i < sums.High.Length; i++)
                {
                    Sums.AddQuotient(i, sums, i, divisor);
                }
            }

            return;
        }

        CheckedAxis here = _axes[axis];
        long next = key * (here.Equations + here.Blocks.Length);
        _terms[axis] = here.TermsOf(equation[axis]);
        AddAverages(equation, axis + 1, averages, divisor, next + equation[axis]);
        for (int b = 0; here.IsReader && b < here.Blocks.Length; b++)
        {
            (int start, int count) = here.Blocks[b];
            if (here.Averages[b].Length > 0 && equation[axis] >= start && equation[axis] < start + count)
            {
                _terms[axis] = here.Averages[b];
                AddAverages(equation, axis + 1, true, divisor * count, next + here.Equations + b);
            }
        }
    }

    private ExactSum? AverageSums(long key)
    {
        if (_cache.TryGetValue(key, out ExactSum? sums))
        {
            return sums;
        }

        if (_cache.Count >= MostCachedRows || _cached >= MostCachedEntries)
        {
            _cache.Clear();
            _cached = 0;
        }

        sums = new ExactSum(_last.Equations);
        SumTerms(sums);
        if (Array.TrueForAll(sums.Magnitude, m => m == 0))
        {
            sums = null;
        }

        _cached += sums is null ? 0 : 4L * _last.Equations;
        _cache.Add(key, sums);
        return sums;
    }
}
