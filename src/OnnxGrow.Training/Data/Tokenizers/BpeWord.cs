namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// A word while its tokens are merged. All places of the pair that was learnt first are merged from the left before the
/// next pair is looked for; a queue keeps that from being quadratic in long words.
/// </summary>
internal sealed class BpeWord(int[] tokens, IReadOnlyDictionary<(int, int), (int Rank, int Id)> merges)
{
    private const int None = -1;
    private readonly int[] _next = [.. Enumerable.Range(1, tokens.Length).Select(i => i < tokens.Length ? i : None)];
    private readonly int[] _previous = [.. Enumerable.Range(-1, tokens.Length)];
    private readonly PriorityQueue<Place, (int Rank, int At)> _places = new();
    private readonly List<int> _changed = [];

    private readonly record struct Place(int At, int Left, int Right, int Merged);

    /// <summary>The tokens that are left when nothing can be merged.</summary>
    public int[] Merge()
    {
        for (int i = 0; i + 1 < tokens.Length; i++)
        {
            Queue(i);
        }

        int rank = None;
        while (_places.TryDequeue(out Place place, out (int Rank, int At) order))
        {
            if (order.Rank != rank && _changed.Count > 0)
            {
                // What the merges of one rank made takes part only now, and may come before the place just taken.
                _places.Enqueue(place, order);
                QueueChanged();
                rank = None;
                continue;
            }

            rank = order.Rank;
            Apply(place);
            if (_places.Count == 0)
            {
                QueueChanged();
                rank = None;
            }
        }

        return [.. Left()];
    }

    private void Apply(Place place)
    {
        int right = _next[place.At];
        if (tokens[place.At] != place.Left || right == None || tokens[right] != place.Right)
        {
            return;
        }

        tokens[place.At] = place.Merged;
        tokens[right] = None;
        _next[place.At] = _next[right];
        if (_next[right] != None)
        {
            _previous[_next[right]] = place.At;
        }

        _changed.Add(place.At);
    }

    private void QueueChanged()
    {
        foreach (int at in _changed)
        {
            Queue(at);
            if (_previous[at] != None)
            {
                Queue(_previous[at]);
            }
        }

        _changed.Clear();
    }

    private void Queue(int at)
    {
        if (tokens[at] != None && _next[at] != None && merges.TryGetValue((tokens[at], tokens[_next[at]]), out (int Rank, int Id) merge))
        {
            _places.Enqueue(new Place(at, tokens[at], tokens[_next[at]], merge.Id), (merge.Rank, at));
        }
    }

    private IEnumerable<int> Left()
    {
        for (int i = 0; i != None && i < tokens.Length; i = _next[i])
        {
            yield return tokens[i];
        }
    }
}
