using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>BERT's WordPiece, from vocab.txt: the longest piece first, later pieces of a word marked with ##.</summary>
public sealed class WordPieceTokenizer : ITokenizer
{
    private const string Continued = "##";
    private static readonly string[] UsualSpecials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly string[] _tokens;
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _continuations = new(StringComparer.Ordinal);
    private readonly int _longest;
    private readonly int _unknown;
    private readonly int _maxWordLength;
    private readonly BertWords _words;
    private readonly SpecialTokens _specials;

    private WordPieceTokenizer(string path, bool lowerCase, int maxWordLength, IEnumerable<string> specials)
    {
        _tokens = VocabularyFile.Lines(path);
        _maxWordLength = maxWordLength;
        _words = new BertWords(lowerCase);
        if (_tokens.Length > VocabularyFile.MaxTokens)
        {
            throw VocabularyFile.Bad(path, $"it has {_tokens.Length} tokens, more than {VocabularyFile.MaxTokens}");
        }

        // Of a token that is there twice the later id counts, as everywhere with these files.
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < _tokens.Length; id++)
        {
            _tokens[id] = _tokens[id].Trim();
            ids[_tokens[id]] = id;
        }

        _unknown = ids.TryGetValue("[UNK]", out int unknown)
            ? unknown
            : throw VocabularyFile.Bad(path, "it has no line [UNK]; a WordPiece vocabulary (vocab.txt) has a token a line, and [UNK] for words that cannot be put together");
        _specials = new SpecialTokens(_tokens.Length, UsualSpecials, specials, name => ids.TryGetValue(name, out int id) ? id : null);
        foreach ((string token, int id) in ids)
        {
            if (token.Length == 0 || _specials.Ids.ContainsKey(token))
            {
                continue;
            }

            bool continued = token.Length > Continued.Length && token.StartsWith(Continued, StringComparison.Ordinal);
            (continued ? _continuations : _starts).Add(continued ? token[Continued.Length..] : token, id);
            _longest = Math.Max(_longest, continued ? token.Length - Continued.Length : token.Length);
        }
    }

    /// <inheritdoc/>
    public int VocabularySize => _specials.Size;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Specials => _specials.Ids;

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="vocabulary">vocab.txt: a token a line.</param>
    /// <param name="lowerCase">Lower case and no accents, as "uncased" models have it.</param>
    /// <param name="maxWordLength">Words of more characters are [UNK].</param>
    /// <param name="specials">Special tokens; those that the vocabulary has not are added after its last id.</param>
    /// <exception cref="BadInputException">The file is not such a vocabulary.</exception>
    public static WordPieceTokenizer Load(string vocabulary, bool lowerCase = true, int maxWordLength = 100, IEnumerable<string>? specials = null) =>
        new(vocabulary, lowerCase, maxWordLength, specials ?? []);

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, List<int> ids) => _words.Cut(text, word => Pieces(word, ids));

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            string token = _specials.NameOf(id) ?? (id >= 0 && id < _tokens.Length ? _tokens[id] : "\uFFFD");
            if (token.Length > Continued.Length && token.StartsWith(Continued, StringComparison.Ordinal))
            {
                text.Append(token, Continued.Length, token.Length - Continued.Length);
            }
            else
            {
                text.Append(text.Length > 0 ? " " : "").Append(token);
            }
        }

        return text.ToString();
    }

    private void Pieces(string word, List<int> ids)
    {
        int before = ids.Count;
        if (word.EnumerateRunes().Count() > _maxWordLength)
        {
            ids.Add(_unknown);
            return;
        }

        for (int at = 0; at < word.Length;)
        {
            Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> pieces =
                (at == 0 ? _starts : _continuations).GetAlternateLookup<ReadOnlySpan<char>>();
            int length = Math.Min(_longest, word.Length - at);
            int id = 0;
            while (length > 0 && !pieces.TryGetValue(word.AsSpan(at, length), out id))
            {
                length--;
            }

            if (length == 0)
            {
                ids.RemoveRange(before, ids.Count - before);
                ids.Add(_unknown);
                return;
            }

            ids.Add(id);
            at += length;
        }
    }
}
