using System.Numerics;
using System.Runtime.InteropServices;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>
/// Rows of equations that follow each other, with the stored bytes of their source rows and of the grown rows that each
/// sums: of every term, one run of rows.
/// </summary>
internal sealed class ExactBlock
{
    private readonly ElementType _type;
    private readonly AxisSegment[] _segments;
    private readonly int[][] _at;
    private readonly int _target;
    private readonly int _source;
    private readonly bool _even;
    private readonly bool _sums;
    private readonly (int Start, int Length)[] _unread;
    private byte[] _grownBytes = [];
    private byte[] _sourceBytes = [];
    private float[] _grownSingles = [];
    private float[] _sourceSingles = [];
    private byte[] _zeros = [];
    private int _terms;
    private int _rows;

    public ExactBlock(ElementType type, CheckedAxis last, AxisSegment[] segments)
    {
        _type = type;
        _segments = segments;
        _at = new int[segments.Length][];
        _target = last.Target;
        _source = last.Source;
        ElementBytes = ElementTypes.Bits(type) / 8;

        // Rows of one segment that is all of both of them lie one behind the other: they are one long row.
        _even = segments is [{ Source: 0 }] && segments[0].Length == _target && _target == _source;
        _unread = last.IsReader ? [.. last.Stretches.Where(s => s.Kind == StretchKind.Zero).Select(s => (s.Start, s.Length))] : [];
        _sums = _unread.Length > 0 || segments.Any(s => s.Terms.Length > 1);
    }

    public int ElementBytes { get; }

    /// <summary>Where the source rows go.</summary>
    public Span<byte> Source => _sourceBytes.AsSpan(0, _rows * _source * ElementBytes);

    /// <summary>Makes room for some rows of equations, each the sum of so many grown rows.</summary>
    public void Begin(int terms, int rows)
    {
        int length = rows * _target;
        if (terms != _terms || rows != _rows)
        {
            for (int s = 0; s < _at.Length; s++)
            {
                _at[s] = [.. Enumerable.Range(0, terms).SelectMany(t => _segments[s].Terms.Select(at => (t * length) + at))];
            }
        }

        (_terms, _rows) = (terms, rows);
        Grow(ref _grownBytes, terms * length * ElementBytes);
        Grow(ref _sourceBytes, rows * _source * ElementBytes);
    }

    /// <summary>Where the grown rows of a term go.</summary>
    public Span<byte> Term(int term)
    {
        int length = _rows * _target * ElementBytes;
        return _grownBytes.AsSpan(term * length, length);
    }

    /// <summary>How many rows hold, from the first on.</summary>
    public int Holding()
    {
        if (_terms == 1 && !_sums)
        {
            return Holding<byte>(_grownBytes, _sourceBytes, default);
        }

        switch (_type)
        {
            case ElementType.Float64:
                return Holding(Elements<double>(_grownBytes), Elements<double>(_sourceBytes), double.MaxValue);
            case ElementType.Float32:
                return Holding(Elements<float>(_grownBytes), Elements<float>(_sourceBytes), float.MaxValue);
            default:
                Grow(ref _grownSingles, _terms * _rows * _target);
                Grow(ref _sourceSingles, _rows * _source);
                ElementTypes.ToSingles(_type, _grownBytes, _grownSingles.AsSpan(0, _terms * _rows * _target));
                ElementTypes.ToSingles(_type, _sourceBytes, _sourceSingles.AsSpan(0, _rows * _source));
                return Holding(_grownSingles, _sourceSingles, float.MaxValue);
        }
    }

    private int Holding<T>(ReadOnlySpan<T> grown, ReadOnlySpan<T> source, T largest)
        where T : unmanaged, INumber<T>
    {
        if (_even && SegmentHolds(0, 0, _rows * _source, grown, source))
        {
            return _rows;
        }

        for (int row = 0; row < _rows; row++)
        {
            if (!RowHolds(row, grown, source, largest))
            {
                return row;
            }
        }

        return _rows;
    }

    private bool RowHolds<T>(int row, ReadOnlySpan<T> grown, ReadOnlySpan<T> source, T largest)
        where T : unmanaged, INumber<T>
    {
        for (int s = 0; s < _segments.Length; s++)
        {
            if (!SegmentHolds(s, row, _segments[s].Length, grown, source))
            {
                return false;
            }
        }

        // What meets a zero of P may be anything but an infinity.
        foreach ((int start, int length) in _unread)
        {
            for (int t = 0; t < _terms; t++)
            {
                if (!ExactLanes.AreFinite(grown.Slice((((t * _rows) + row) * _target) + start, length), largest))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool SegmentHolds<T>(int index, int row, int length, ReadOnlySpan<T> grown, ReadOnlySpan<T> source)
        where T : unmanaged, INumber<T>
    {
        AxisSegment segment = _segments[index];
        ReadOnlySpan<int> at = _at[index];
        int skipped = row * _target;
        int from = (row * _source) + segment.Source;
        bool zero = segment.Source == AxisExpansion.Zero;
        if (at.Length == 1)
        {
            // A copy keeps all bits, those of what is not a number too.
            ReadOnlySpan<byte> entries = _grownBytes.AsSpan((at[0] + skipped) * ElementBytes, length * ElementBytes);
            return zero ? !entries.ContainsAnyExcept((byte)0) : entries.SequenceEqual(_sourceBytes.AsSpan(from * ElementBytes, length * ElementBytes));
        }

        ReadOnlySpan<T> expected = zero ? Zeros<T>(length) : source.Slice(from, length);
        if (at.Length == 2)
        {
            return ExactLanes.PairsHold(grown.Slice(at[0] + skipped, length), grown.Slice(at[1] + skipped, length), expected);
        }

        return ExactLanes.SumsHold(grown[skipped..], at, expected);
    }

    private ReadOnlySpan<T> Zeros<T>(int length)
        where T : unmanaged
    {
        Grow(ref _zeros, length * sizeof(double));
        return Elements<T>(_zeros)[..length];
    }

    private static ReadOnlySpan<T> Elements<T>(byte[] bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }
}
