namespace OnnxGrow.Runtime.Inputs;

/// <summary>
/// Row numbers of a table, uniform over all of it and without repetition until every row has occurred, so that as much
/// of the table as possible is put to the test. The last row and row 0 come first.
/// </summary>
internal sealed class IdStream
{
    private readonly long _rows;
    private readonly SplitMix64 _random;
    private readonly int[] _order;
    private readonly bool[] _seen;
    private int _next;

    public IdStream(long rows, SplitMix64 random)
    {
        _rows = rows;
        _random = random;
        _order = new int[checked((int)rows)];
        _seen = new bool[rows];
        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        Shuffle();
        ToFront(0, (int)rows - 1);
        if (rows > 1)
        {
            ToFront(1, 0);
        }
    }

    public long Rows => _rows;

    /// <summary>How many different rows have occurred.</summary>
    public long Distinct { get; private set; }

    public long Next()
    {
        if (_next == _order.Length)
        {
            Shuffle();
            _next = 0;
        }

        int id = _order[_next++];
        Distinct += _seen[id] ? 0 : 1;
        _seen[id] = true;
        return id;
    }

    private void Shuffle()
    {
        for (int i = _order.Length - 1; i > 0; i--)
        {
            int j = (int)_random.Below(i + 1);
            (_order[i], _order[j]) = (_order[j], _order[i]);
        }
    }

    private void ToFront(int place, int id)
    {
        int at = Array.IndexOf(_order, id);
        (_order[place], _order[at]) = (_order[at], _order[place]);
    }
}
