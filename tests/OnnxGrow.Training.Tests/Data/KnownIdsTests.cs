using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data.Tokenizers;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>WordPiece and byte-level BPE give what the published code of BERT and of GPT-2 gives, over many scripts and odd characters.</summary>
public sealed class KnownIdsTests
{
    private static readonly KnownIds Known = KnownIds.Read();

    [Theory]
    [InlineData("lower", true, 100)]
    [InlineData("cased", false, 100)]
    [InlineData("short", true, 8)]
    public void WordPiece_ids_are_those_of_BERT(string name, bool lowerCase, int maxWordLength)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("vocab.txt"), string.Join('\n', Known.Vocabulary) + "\n");
        Compare(name, WordPieceTokenizer.Load(folder.File("vocab.txt"), lowerCase, maxWordLength));
    }

    [Fact]
    public void Byte_level_ids_are_those_of_GPT_2s_code()
    {
        string folder = Path.Combine(Repository.Root, "models", "base", "bpe4k");
        Compare("bpe4k", BpeTokenizer.Load(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt")));
    }

    [DataFileFact("gpt2", "gpt2-vocabulary")]
    public void Ids_of_GPT_2s_vocabulary_are_those_of_its_code()
    {
        string folder = DataFileFactAttribute.PathOf("gpt2");
        Compare("gpt2", BpeTokenizer.Load(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt")));
    }

    private static void Compare(string name, ITokenizer tokenizer)
    {
        IReadOnlyList<(string Text, int[] Ids)> known = Known.Of(name);
        Assert.True(known.Count >= 60);
        Assert.All(known, k => Assert.Equal(k.Ids, tokenizer.Encode(k.Text)));
    }
}
