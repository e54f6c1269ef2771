namespace OnnxGrow.Training.Data;

/// <summary>Which tokenizer, as a recipe has it.</summary>
public sealed record TokenizerRecipe
{
    /// <summary>bytes, bpe or wordpiece.</summary>
    public string Kind { get; init; } = "bytes";

    /// <summary>vocab.json of bpe, vocab.txt of wordpiece.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>merges.txt of bpe.</summary>
    public string? Merges { get; init; }

    /// <summary>For wordpiece: lower case without accents.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>For wordpiece: words of more characters are unknown. Most programs have 100; the last version of BERT's own code has 200.</summary>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>Special tokens that are added where the vocabulary has them not.</summary>
    public IReadOnlyList<string> Specials { get; init; } = [];
}
