using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data.Tokenizers;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>GPT-2's byte-level BPE against ids that another implementation made.</summary>
public sealed class BpeTokenizerTests
{
    [Fact]
    public void Ids_are_those_of_the_reference()
    {
        BpeTokenizer tokenizer = Fixture.Tiny();
        IReadOnlyList<(string Text, int[] Ids)> known = Fixture.Known("tiny-known.json");
        Assert.True(known.Count >= 15);
        Assert.All(known, k => Assert.Equal(k.Ids, tokenizer.Encode(k.Text)));
        Assert.All(known, k => Assert.Equal(k.Text, tokenizer.Decode(k.Ids)));
    }

    [DataFileFact("gpt2", "gpt2-vocabulary")]
    public void Ids_of_the_whole_vocabulary_are_those_of_the_reference()
    {
        string folder = DataFileFactAttribute.PathOf("gpt2");
        var tokenizer = BpeTokenizer.Load(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"));
        Assert.Equal(50257, tokenizer.VocabularySize);
        Assert.Equal(50256, tokenizer.EndOfText());
        Assert.All(Fixture.Known("gpt2-known.json"), k => Assert.Equal(k.Ids, tokenizer.Encode(k.Text)));
    }

    [Fact]
    public void Special_tokens_of_the_file_keep_their_ids_and_others_follow()
    {
        BpeTokenizer tokenizer = Fixture.Tiny("<|endoftext|>", "[MASK]", "[CLS]");
        Assert.Equal(639, tokenizer.Specials["<|endoftext|>"]);
        Assert.Equal(640, tokenizer.Specials["[MASK]"]);
        Assert.Equal(641, tokenizer.Specials["[CLS]"]);
        Assert.Equal(642, tokenizer.VocabularySize);
        Assert.Equal(640, tokenizer.MaskToken());
        Assert.Equal("a[MASK]<|endoftext|>", tokenizer.Decode([.. tokenizer.Encode("a"), 640, 639]));
        Assert.DoesNotContain(639, tokenizer.Encode("<|endoftext|>"));
    }

    [Fact]
    public void Pairs_learnt_first_are_merged_everywhere_before_what_they_make()
    {
        // "ab"+"a" has the lower rank, but comes about only after both "a"+"b" have been merged.
        using var folder = new TemporaryFolder();
        Save(folder, ["aba", "ab"], "ab a\na b\n");
        var tokenizer = BpeTokenizer.Load(folder.File("vocab.json"), folder.File("merges.txt"));
        Assert.Equal("ab|ab", string.Join('|', tokenizer.Encode("abab").Select(id => tokenizer.Decode([id]))));
        Assert.Equal("aba", string.Join('|', tokenizer.Encode("aba").Select(id => tokenizer.Decode([id]))));
    }

    [Fact]
    public void A_word_of_a_million_letters_is_encoded_and_decoded()
    {
        var random = new Random(1);
        string word = string.Concat(Enumerable.Range(0, 1_000_000).Select(_ => (char)('a' + random.Next(26))));
        BpeTokenizer tokenizer = Fixture.Tiny();
        int[] ids = tokenizer.Encode(word);
        Assert.InRange(ids.Length, 300_000, 999_999);
        Assert.Equal(word, tokenizer.Decode(ids));
    }

    [Theory]
    [InlineData("[1, 2]", "", "one JSON object")]
    [InlineData("{\"a\": -1}", "", "whole number from 0")]
    [InlineData("{\"a\": 99999999999}", "", "whole number from 0")]
    [InlineData("{\"a\": 1, \"b\": 1}", "", "occurs twice")]
    [InlineData("{\"a\": 1, \"a\": 2}", "", "occurs twice")]
    [InlineData("{\"a\": {\"b\": {\"c\": {\"d\": {}}}}}", "", "not readable as JSON")]
    [InlineData("{", "", "not readable as JSON")]
    [InlineData("{}", "", "no tokens")]
    [InlineData("{\"a\": 1}", "", "for each of the 256 bytes")]
    [InlineData(null, "a b c\n", "line 1 is not two tokens")]
    [InlineData(null, "#version: 0.2\nh e\nqqq zzz\n", "do not belong together")]
    public void Files_that_are_no_vocabulary_are_refused(string? vocabulary, string merges, string why)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("vocab.json"), vocabulary ?? File.ReadAllText(Fixture.File("vocab.json")));
        File.WriteAllText(folder.File("merges.txt"), merges);
        Assert.Contains(why, Fixture.Refused(() => BpeTokenizer.Load(folder.File("vocab.json"), folder.File("merges.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_missing_or_no_text_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("none.json", Fixture.Refused(() => BpeTokenizer.Load(folder.File("none.json"), folder.File("none.txt"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("bytes.json"), [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        Assert.Contains("not text in UTF-8", Fixture.Refused(() => BpeTokenizer.Load(folder.File("bytes.json"), folder.File("none.txt"))).Message, StringComparison.Ordinal);
    }

    private static void Save(TemporaryFolder folder, string[] merged, string merges)
    {
        var trained = new BpeTrainer().Train(256, []);
        new BpeVocabulary([.. trained.Tokens, .. merged], []).Save(folder.Path);
        File.WriteAllText(folder.File("merges.txt"), merges);
    }
}
