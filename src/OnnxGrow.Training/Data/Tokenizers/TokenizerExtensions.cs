namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>What every tokenizer has, made of what <see cref="ITokenizer"/> asks for.</summary>
public static class TokenizerExtensions
{
    private static readonly string[] Masks = ["[MASK]", "<mask>", "<|mask|>"];
    private static readonly string[] Ends = ["<|endoftext|>", "</s>", "[SEP]", "<eos>"];
    private static readonly string[] Starts = ["[CLS]", "<s>"];
    private static readonly string[] Separators = ["[SEP]", "</s>"];

    /// <summary>The ids of a text.</summary>
    public static int[] Encode(this ITokenizer tokenizer, string text)
    {
        var ids = new List<int>();
        tokenizer.Encode(text, ids);
        return [.. ids];
    }

    /// <summary>The token that stands for one to be guessed, if the vocabulary has it by one of its usual names.</summary>
    public static int? MaskToken(this ITokenizer tokenizer) => First(tokenizer, Masks);

    /// <summary>The token between documents.</summary>
    public static int? EndOfText(this ITokenizer tokenizer) => First(tokenizer, Ends);

    /// <summary>The token that begins a sequence of an encoder.</summary>
    public static int? StartOfSequence(this ITokenizer tokenizer) => First(tokenizer, Starts);

    /// <summary>The token that ends a sequence of an encoder.</summary>
    public static int? EndOfSequence(this ITokenizer tokenizer) => First(tokenizer, Separators);

    private static int? First(ITokenizer tokenizer, string[] names)
    {
        foreach (string name in names)
        {
            if (tokenizer.Specials.TryGetValue(name, out int id))
            {
                return id;
            }
        }

        return null;
    }
}
