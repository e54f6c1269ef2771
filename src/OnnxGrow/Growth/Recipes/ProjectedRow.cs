using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// One row of a projected tensor. Of m copies that share an entry w, copy j holds Z_j - (sum of Z - w) / m, what is free holds
/// Z's entry, and everything else what it must. All shares but the last are stored values and the last is what remains, so
/// that one rounding at most is left of the sum.
/// </summary>
internal sealed class ProjectedRow
{
    private readonly ProjectedTensorData _tensor;
    private readonly ElementType _type;
    private readonly RecipeAxisLayout _last;
    private readonly int[] _index;
    private readonly double[] _values;
    private readonly double[] _init;
    private readonly double[] _entries;
    private readonly double[] _shifts;
    private readonly double[] _rests;
    private readonly double[] _errors;
    private readonly List<long> _rows = [];

    public ProjectedRow(ProjectedTensorData tensor)
    {
        _tensor = tensor;
        _type = tensor.ElementType;
        _last = tensor.Axes[^1];
        _index = new int[tensor.Axes.Length - 1];
        _values = new double[_last.Target];
        _init = new double[_last.Target];
        _entries = new double[_last.GroupExtent];
        _shifts = new double[_last.GroupExtent];
        _rests = new double[_last.GroupExtent];
        _errors = new double[_last.GroupExtent];
    }

    /// <summary>Elements from a position on: as many as are asked for, or to the end of the row.</summary>
    public ReadOnlySpan<double> From(long position, int count)
    {
        (long row, long column) = Math.DivRem(position, _last.Target);
        Evaluate(row);
        return _values.AsSpan((int)column, (int)Math.Min(count, _last.Target - column));
    }

    private void Evaluate(long row)
    {
        EntryKind kind = Locate(row);
        if (kind == EntryKind.Zero)
        {
            Array.Clear(_values);
            return;
        }

        if (kind > EntryKind.Mean)
        {
            ReadInit(row);
            for (int j = 0; j < _values.Length; j++)
            {
                _values[j] = FreeAt(j, kind);
            }

            return;
        }

        long group = 0;
        for (int a = 0; a < _index.Length; a++)
        {
            RecipeAxisLayout axis = _tensor.Axes[a];
            group += (axis.Role == AxisRole.Reader ? axis.Expansion.Map[_index[a]] : _index[a]) * axis.GroupStride;
        }

        _tensor.Whole.ReadDoubles(group, _entries);
        FindRows();
        FindShifts();
        Share(row);
    }

    /// <summary>An entry that shares nothing.</summary>
    private double FreeAt(int column, EntryKind row) => (EntryKind)Math.Max((int)row, (int)_tensor.Columns[column].Kind) switch
    {
        EntryKind.Zero => 0,
        EntryKind.FreeGain when _tensor.Recipe.Free == FreeFill.One => 1,
        EntryKind.FreeGain when _tensor.Recipe.Free == FreeFill.Zero => 0,
        _ => _init[column],
    };

    /// <summary>The row's index on each axis, and what those axes make of its entries.</summary>
    private EntryKind Locate(long row)
    {
        var kind = EntryKind.Copy;
        for (int a = _index.Length - 1; a >= 0; a--)
        {
            (row, long index) = Math.DivRem(row, _tensor.Axes[a].Target);
            _index[a] = (int)index;
            kind = (EntryKind)Math.Max((int)kind, (int)_tensor.Axes[a].At((int)index).Kind);
        }

        return kind;
    }

    /// <summary>The rows that share the entries of this one, itself included, in the same order for each of them.</summary>
    private void FindRows()
    {
        _rows.Clear();
        _rows.Add(0);
        for (int a = 0; a < _index.Length; a++)
        {
            RecipeAxisLayout axis = _tensor.Axes[a];
            int[] here = _tensor.Copies[a] is { } copies ? copies[axis.Expansion.Map[_index[a]]] : [_index[a]];
            long[] before = [.. _rows];
            _rows.Clear();
            foreach (long outer in before)
            {
                foreach (int index in here)
                {
                    _rows.Add((outer * axis.Target) + index);
                }
            }
        }
    }

    /// <summary>(sum of Z - w) / m for each entry.</summary>
    private void FindShifts()
    {
        Array.Clear(_shifts);
        foreach (long row in _rows)
        {
            ReadInit(row);
            for (int j = 0; j < _init.Length; j++)
            {
                if (_tensor.Columns[j].Kind <= EntryKind.Mean)
                {
                    _shifts[GroupOf(j)] += _init[j];
                }
            }
        }

        for (int j = 0; j < _init.Length; j++)
        {
            AxisRun column = _tensor.Columns[j];
            if (column.Kind <= EntryKind.Mean && column.Ordinal == 0)
            {
                int g = GroupOf(j);
                _shifts[g] = (_shifts[g] - _entries[g]) / ((double)_rows.Count * column.Copies);
            }
        }
    }

    private void Share(long row)
    {
        bool last = row == _rows[^1];
        if (last)
        {
            FindRests();
        }

        ReadInit(row);
        for (int j = 0; j < _values.Length; j++)
        {
            AxisRun column = _tensor.Columns[j];
            if (column.Kind > EntryKind.Mean)
            {
                _values[j] = FreeAt(j, EntryKind.Copy);
                continue;
            }

            int g = GroupOf(j);
            double entry = _entries[g];
            _values[j] = _rows.Count == 1 && column.Copies == 1 ? entry
                : !double.IsFinite(entry) ? (row == _rows[0] && column.Ordinal == 0 ? entry : 0)
                : last && column.Ordinal == column.Copies - 1 ? _rests[g] + _errors[g]
                : ShareOf(j, g);
        }
    }

    /// <summary>What the last share of each entry is: the entry less all others, with the errors of the sum carried along.</summary>
    private void FindRests()
    {
        _entries.CopyTo(_rests, 0);
        Array.Clear(_errors);
        for (int r = 0; r < _rows.Count; r++)
        {
            ReadInit(_rows[r]);
            for (int j = 0; j < _init.Length; j++)
            {
                AxisRun column = _tensor.Columns[j];
                bool rest = r == _rows.Count - 1 && column.Ordinal == column.Copies - 1;
                if (column.Kind <= EntryKind.Mean && !rest)
                {
                    int g = GroupOf(j);
                    double share = -ShareOf(j, g);
                    double total = _rests[g] + share;
                    double part = total - _rests[g];
                    _errors[g] += (_rests[g] - (total - part)) + (share - part);
                    _rests[g] = total;
                }
            }
        }
    }

    private double ShareOf(int column, int group) => ElementTypes.Round(_type, _init[column] - _shifts[group]);

    private int GroupOf(int column) => _last.Role == AxisRole.Reader ? _tensor.Columns[column].Source : column;

    private void ReadInit(long row)
    {
        _tensor.Init.ReadDoubles(row * _last.Target, _init);
        for (int j = 0; j < _init.Length; j++)
        {
            // As it would be stored: what was computed and what was read back from a file give the same.
            double z = _init[j] = ElementTypes.Round(_type, _init[j]);
            if (!double.IsFinite(z))
            {
                throw new BadInputException(ErrorCode.Initialisation, $"the initialisation of '{Text.Name(_tensor.Recipe.Name)}' holds {z}, and every entry must be a finite number (--method lemon needs no initialisation)");
            }
        }
    }
}
