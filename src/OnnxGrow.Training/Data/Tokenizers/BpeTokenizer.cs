using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>GPT-2's byte-level BPE, from vocab.json and merges.txt (encoder.json and vocab.bpe are the same under other names).</summary>
public sealed class BpeTokenizer : ITokenizer
{
    // A word of this many bytes is encoded afresh each time; so many words are remembered.
    private const int LongestRemembered = 64;
    private const int MostRemembered = 1 << 17;

    private static readonly string[] UsualSpecials = ["<|endoftext|>", "<s>", "</s>", "<pad>", "<unk>", "<mask>", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]"];

    private readonly Dictionary<int, string> _tokens;
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<(int, int), (int Rank, int Id)> _merges = [];
    private readonly SpecialTokens _specials;
    private readonly Dictionary<string, int[]> _remembered = new(StringComparer.Ordinal);

    private BpeTokenizer(Dictionary<string, int> ids, IEnumerable<(string Left, string Right)> merges, IEnumerable<string> specials, Func<string, BadInputException> bad)
    {
        _tokens = ids.ToDictionary(p => p.Value, p => p.Key);
        for (int b = 0; b < 256; b++)
        {
            _byteIds[b] = ids.TryGetValue(ByteAlphabet.Letters[b].ToString(), out int id)
                ? id
                : throw bad($"it has no token '{ByteAlphabet.Letters[b]}' for the byte {b}; a byte-level vocabulary has one for each of the 256 bytes");
        }

        foreach ((string left, string right) in merges)
        {
            if (!ids.TryGetValue(left, out int first) || !ids.TryGetValue(right, out int second) || !ids.TryGetValue(left + right, out int whole))
            {
                throw bad($"the merge '{Text.Name(left)} {Text.Name(right)}' is of or into a token that the vocabulary has not; the two files do not belong together");
            }

            _merges.TryAdd((first, second), (_merges.Count, whole));
        }

        _specials = new SpecialTokens(ids.Values.Max() + 1, UsualSpecials, specials, name => ids.TryGetValue(name, out int id) ? id : null);
    }

    /// <inheritdoc/>
    public int VocabularySize => _specials.Size;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Specials => _specials.Ids;

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="vocabulary">vocab.json: tokens and their ids.</param>
    /// <param name="merges">merges.txt: pairs of tokens, the earliest merged first.</param>
    /// <param name="specials">Special tokens; those that the vocabulary has not are added after its last id.</param>
    /// <exception cref="BadInputException">The files are not such a vocabulary.</exception>
    public static BpeTokenizer Load(string vocabulary, string merges, IEnumerable<string>? specials = null) =>
        new(VocabularyFile.Ids(vocabulary), ReadMerges(merges), specials ?? [], why => VocabularyFile.Bad(vocabulary, why));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> remembered = _remembered.GetAlternateLookup<ReadOnlySpan<char>>();
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> word = text[..GptWords.First(text)];
            text = text[word.Length..];
            if (!remembered.TryGetValue(word, out int[]? parts))
            {
                parts = Merge(word);
                if (word.Length <= LongestRemembered && _remembered.Count < MostRemembered)
                {
                    remembered[word] = parts;
                }
            }

            ids.AddRange(parts);
        }
    }

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if (_specials.NameOf(id) is { } special)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(special));
                continue;
            }

            foreach (char letter in _tokens.GetValueOrDefault(id, "\uFFFD"))
            {
                // Tokens of other letters than those of bytes can only be special ones under a name of their own.
                bytes.AddRange(ByteAlphabet.Bytes.TryGetValue(letter, out byte b) ? [b] : Encoding.UTF8.GetBytes(letter.ToString()));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private int[] Merge(ReadOnlySpan<char> word)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        return new BpeWord([.. bytes.Select(b => _byteIds[b])], _merges).Merge();
    }

    private static IEnumerable<(string Left, string Right)> ReadMerges(string path)
    {
        string[] lines = VocabularyFile.Lines(path);
        for (int i = lines.Length > 0 && lines[0].StartsWith("#version", StringComparison.Ordinal) ? 1 : 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
            {
                continue;
            }

            yield return lines[i].Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
                ? (left, right)
                : throw VocabularyFile.Bad(path, FormattableString.Invariant($"line {i + 1} is not two tokens with a space between them"));
        }
    }
}
