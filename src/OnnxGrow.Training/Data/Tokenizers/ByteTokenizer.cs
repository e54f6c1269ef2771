using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>Bytes of UTF-8 as ids 0 to 255; special tokens follow.</summary>
public sealed class ByteTokenizer : ITokenizer
{
    private const int Bytes = 256;
    private readonly SpecialTokens _specials;

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="specials">Names of special tokens; they get the ids from 256.</param>
    public ByteTokenizer(IEnumerable<string>? specials = null) => _specials = new SpecialTokens(Bytes, [], specials ?? [], _ => null);

    /// <inheritdoc/>
    public int VocabularySize => _specials.Size;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Specials => _specials.Ids;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        foreach (byte b in bytes)
        {
            ids.Add(b);
        }
    }

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if (id is >= 0 and < Bytes)
            {
                bytes.Add((byte)id);
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(_specials.NameOf(id) ?? "\uFFFD"));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
