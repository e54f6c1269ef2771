namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>Turns text into token ids. Thread-safe only where a class says so.</summary>
/// <remarks>
/// A text may be encoded in parts that are cut before white space that follows something else: the ids are those of the
/// whole. Reading long files relies on it.
/// </remarks>
public interface ITokenizer
{
    /// <summary>One more than the largest id.</summary>
    int VocabularySize { get; }

    /// <summary>Tokens that no text is encoded to (end of text, mask, padding, ...), by name.</summary>
    IReadOnlyDictionary<string, int> Specials { get; }

    /// <summary>Appends the ids of a text. Names of special tokens in it are text like any other.</summary>
    void Encode(ReadOnlySpan<char> text, List<int> ids);

    /// <summary>The text of ids, as far as the tokenizer keeps it; special tokens by their names.</summary>
    string Decode(IEnumerable<int> ids);
}
