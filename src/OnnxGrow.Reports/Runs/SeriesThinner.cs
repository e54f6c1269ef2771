namespace OnnxGrow.Reports.Runs;

/// <summary>
/// Keeps a bounded number of the points of a curve that comes one by one: of each stretch the lowest and the highest, and the
/// first and the last of all. Stretches are as long as they have to be; nothing is known of the number of points before.
/// </summary>
internal sealed class SeriesThinner
{
    private readonly int _capacity;
    private readonly List<Stretch> _stretches = [];
    private SeriesPoint _first;
    private SeriesPoint _last;
    private long _length = 1;
    private long _inLast;

    /// <param name="most">Most points that are kept; at least 4.</param>
    public SeriesThinner(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 4);
        _capacity = (most - 2) / 2;
    }

    /// <summary>Points that came.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next point.</summary>
    public void Add(SeriesPoint point)
    {
        _first = Count == 0 ? point : _first;
        _last = point;
        if (Count++ == 0 || _inLast == _length)
        {
            if (_stretches.Count == _capacity)
            {
                Halve();
            }

            if (_stretches.Count == 0 || _inLast == _length)
            {
                _stretches.Add(new Stretch(point, point));
                _inLast = 1;
                return;
            }
        }

        Stretch open = _stretches[^1];
        _stretches[^1] = new Stretch(point.Value < open.Low.Value ? point : open.Low, point.Value > open.High.Value ? point : open.High);
        _inLast++;
    }

    /// <summary>The points that were kept, in their order.</summary>
    public IReadOnlyList<SeriesPoint> Points() => Count == 0 ? [] :
        [.. _stretches.SelectMany(s => new[] { s.Low, s.High }).Append(_first).Append(_last).DistinctBy(p => p.Step).OrderBy(p => p.Step)];

    private void Halve()
    {
        int pairs = _stretches.Count / 2;
        for (int i = 0; i < pairs; i++)
        {
            (Stretch a, Stretch b) = (_stretches[2 * i], _stretches[(2 * i) + 1]);
            _stretches[i] = new Stretch(b.Low.Value < a.Low.Value ? b.Low : a.Low, b.High.Value > a.High.Value ? b.High : a.High);
        }

        bool odd = _stretches.Count % 2 == 1;
        if (odd)
        {
            _stretches[pairs] = _stretches[^1];
        }

        _stretches.RemoveRange(pairs + (odd ? 1 : 0), _stretches.Count - pairs - (odd ? 1 : 0));

        // A stretch that is left over is half full, of the new length; others are full.
        _inLast = odd ? _length : 2 * _length;
        _length *= 2;
    }

    private readonly record struct Stretch(SeriesPoint Low, SeriesPoint High);
}
