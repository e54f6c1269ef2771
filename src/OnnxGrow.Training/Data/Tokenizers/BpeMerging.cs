using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>The words of a text while a vocabulary is learnt from them; counts of pairs are kept up to date, not counted again.</summary>
internal sealed class BpeMerging
{
    // The same letters can come together in two ways; they are one token.
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<int>[] _words;
    private readonly long[] _counts;
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _where = [];

    // Entries are never taken back: one whose count is no longer true is dropped when it comes up.
    private readonly PriorityQueue<(int Left, int Right), (long Fewer, int Left, int Right)> _queue = new();

    public BpeMerging(IReadOnlyDictionary<string, long> words)
    {
        int[] ids = new int[256];
        foreach (byte b in ByteAlphabet.Order)
        {
            ids[b] = Tokens.Count;
            Tokens.Add(ByteAlphabet.Letters[b].ToString());
        }

        (string Word, long Count)[] ordered = [.. words.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => (w.Key, w.Value))];
        _words = [.. ordered.Select(w => Encoding.UTF8.GetBytes(w.Word).Select(b => ids[b]).ToList())];
        _counts = [.. ordered.Select(w => w.Count)];
        for (int w = 0; w < _words.Length; w++)
        {
            Count(w, 1);
        }

        foreach (((int, int) pair, long count) in _pairs)
        {
            Queue(pair, count);
        }
    }

    public List<string> Tokens { get; } = [];

    public List<(string Left, string Right)> Merges { get; } = [];

    /// <summary>Merges the most frequent pair, of equals the one with the smallest ids; false where none occurs twice.</summary>
    public bool MergeNext()
    {
        while (_queue.TryDequeue(out (int Left, int Right) pair, out (long Fewer, int, int) order))
        {
            if (_pairs.GetValueOrDefault(pair) != -order.Fewer)
            {
                continue;
            }

            if (-order.Fewer < 2)
            {
                return false;
            }

            Merge(pair);
            return true;
        }

        return false;
    }

    private void Merge((int Left, int Right) pair)
    {
        string token = Tokens[pair.Left] + Tokens[pair.Right];
        if (!_ids.TryGetValue(token, out int id))
        {
            id = Tokens.Count;
            Tokens.Add(token);
            _ids.Add(token, id);
        }

        Merges.Add((Tokens[pair.Left], Tokens[pair.Right]));
        var changed = new HashSet<(int, int)>();
        foreach (int w in _where[pair])
        {
            Count(w, -1, changed);
            List<int> word = _words[w];
            int kept = 0;
            for (int i = 0; i < word.Count; i++)
            {
                bool here = i + 1 < word.Count && word[i] == pair.Left && word[i + 1] == pair.Right;
                word[kept++] = here ? id : word[i];
                i += here ? 1 : 0;
            }

            word.RemoveRange(kept, word.Count - kept);
            Count(w, 1, changed);
        }

        _where.Remove(pair);
        _pairs.Remove(pair);
        foreach ((int, int) other in changed)
        {
            if (_pairs.TryGetValue(other, out long count) && count > 0)
            {
                Queue(other, count);
            }
        }
    }

    private void Count(int w, int sign, HashSet<(int, int)>? changed = null)
    {
        List<int> word = _words[w];
        for (int i = 0; i + 1 < word.Count; i++)
        {
            (int, int) pair = (word[i], word[i + 1]);
            _pairs[pair] = _pairs.GetValueOrDefault(pair) + (sign * _counts[w]);
            changed?.Add(pair);
            if (sign > 0)
            {
                if (!_where.TryGetValue(pair, out HashSet<int>? places))
                {
                    _where.Add(pair, places = []);
                }

                places.Add(w);
            }
        }
    }

    private void Queue((int Left, int Right) pair, long count) => _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
}
