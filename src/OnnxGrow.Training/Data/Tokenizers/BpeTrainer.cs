using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// Learns a byte-level BPE vocabulary as GPT-2's was learnt: the pair of tokens that is next to each other most often
/// becomes a token, again and again. The same texts give the same files.
/// </summary>
public sealed class BpeTrainer
{
    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal);

    /// <summary>Counts the words of a text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> word = text[..GptWords.First(text)];
            words.TryGetValue(word, out long count);
            words[word] = count + 1;
            text = text[word.Length..];
        }
    }

    /// <summary>Learns the vocabulary of what was added.</summary>
    /// <param name="size">Tokens with the 256 of bytes and the special ones; fewer come out where no pair occurs twice.</param>
    /// <param name="specials">Special tokens, the last ids.</param>
    /// <exception cref="BadInputException">The size is smaller than what every vocabulary has.</exception>
    public BpeVocabulary Train(int size, IEnumerable<string>? specials = null)
    {
        string[] added = [.. specials ?? ["<|endoftext|>"]];
        if (size < 256 + added.Length)
        {
            throw new BadInputException(ErrorCode.Data, $"a byte-level vocabulary has at least {256 + added.Length} tokens: 256 for the bytes and {added.Length} special ones; {size} were asked for");
        }

        var merging = new BpeMerging(_words);
        while (merging.Tokens.Count + added.Length < size && merging.MergeNext())
        {
            // Each turn adds a token, or another way to come to one.
        }

        return new BpeVocabulary([.. merging.Tokens, .. added.Except(merging.Tokens, StringComparer.Ordinal)], [.. merging.Merges]);
    }
}

/// <summary>A vocabulary as its two files have it.</summary>
/// <param name="Tokens">The tokens in the order of their ids.</param>
/// <param name="Merges">The pairs, the earliest first.</param>
public sealed record BpeVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges)
{
    /// <summary>Writes vocab.json and merges.txt into a folder.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        using (FileStream file = File.Create(Path.Combine(folder, "vocab.json")))
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            for (int id = 0; id < Tokens.Count; id++)
            {
                json.WriteNumber(Tokens[id], id);
            }

            json.WriteEndObject();
        }

        File.WriteAllText(Path.Combine(folder, "merges.txt"),
            string.Concat(Merges.Select(m => $"{m.Left} {m.Right}\n").Prepend("#version: 0.2\n")));
    }
}
