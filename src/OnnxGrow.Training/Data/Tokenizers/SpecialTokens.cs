using System.Collections.Immutable;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>The special tokens of a tokenizer: those that its vocabulary has, and those added after its last id.</summary>
internal sealed class SpecialTokens
{
    private readonly Dictionary<int, string> _names;

    /// <summary>Finds or adds special tokens.</summary>
    /// <param name="vocabularySize">Ids of the vocabulary file; added tokens follow.</param>
    /// <param name="known">Special tokens that the vocabulary file has.</param>
    /// <param name="added">Names asked for; those the file has keep their ids.</param>
    /// <param name="find">The id of a token of the file, or null.</param>
    public SpecialTokens(int vocabularySize, IEnumerable<string> known, IEnumerable<string> added, Func<string, int?> find)
    {
        var ids = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (string name in known)
        {
            if (find(name) is { } id)
            {
                ids[name] = id;
            }
        }

        int next = vocabularySize;
        foreach (string name in added)
        {
            if (name.Length == 0)
            {
                throw new BadInputException(ErrorCode.Data, "a special token needs a name, such as '<|endoftext|>' or '[MASK]'");
            }

            if (!ids.ContainsKey(name))
            {
                ids[name] = find(name) ?? next++;
            }
        }

        Ids = ids.ToImmutable();
        Size = next;
        _names = Ids.ToDictionary(p => p.Value, p => p.Key);
    }

    public ImmutableSortedDictionary<string, int> Ids { get; }

    /// <summary>Ids with the added ones.</summary>
    public int Size { get; }

    public string? NameOf(int id) => _names.GetValueOrDefault(id);
}
