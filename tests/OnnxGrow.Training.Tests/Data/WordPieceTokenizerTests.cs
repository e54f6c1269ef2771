using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data.Tokenizers;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>WordPiece against a vocabulary written by hand.</summary>
public sealed class WordPieceTokenizerTests
{
    private const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nwant\n##ed\nhe\n##llo\n!\n,\n日\n本\ncafe\nrunning\n[\n]\nmask\n\u1112\u1161\u11ab\n##a\na\nA\ni\nElan\nélan\n";

    [Theory]
    [InlineData("unaffable", "un ##aff ##able")]
    [InlineData("UNwanted,running!", "[UNK] , running !")]
    [InlineData("wanted, hello!", "want ##ed , he ##llo !")]
    [InlineData("  Hello\t\n hello  ", "he ##llo he ##llo")]
    [InlineData("日本", "日 本")]
    [InlineData("CAFÉ cafe\u0301", "cafe cafe")]
    [InlineData("[MASK]", "[ mask ]")]
    [InlineData("\u0000he\u200Dllo\uFFFD", "he ##llo")]
    [InlineData("한", "\u1112\u1161\u11ab")]
    [InlineData("\u0130", "i")]
    [InlineData("unaffablexyz want", "[UNK] want")]
    [InlineData("", "")]
    public void Lower_case_text_is_cut_into_the_longest_pieces(string text, string pieces)
    {
        WordPieceTokenizer tokenizer = Load();
        Assert.Equal(pieces, string.Join(' ', tokenizer.Encode(text).Select(id => Vocabulary.Split('\n')[id])));
    }

    [Theory]
    [InlineData("A a", "A a")]
    [InlineData("élan Elan", "élan Elan")]
    [InlineData("HELLO", "[UNK]")]
    public void Without_lower_case_letters_stay_as_they_are(string text, string pieces)
    {
        WordPieceTokenizer tokenizer = Load(lowerCase: false);
        Assert.Equal(pieces, string.Join(' ', tokenizer.Encode(text).Select(id => Vocabulary.Split('\n')[id])));
    }

    [Fact]
    public void Words_of_too_many_characters_are_unknown()
    {
        WordPieceTokenizer tokenizer = Load();
        Assert.Equal(100, tokenizer.Encode(new string('a', 100)).Length);
        Assert.Equal([1], tokenizer.Encode(new string('a', 101)));
        Assert.Equal([1, 23], Load(maxWordLength: 2).Encode("aaa a"));
    }

    [Fact]
    public void Special_tokens_are_known_by_their_names()
    {
        WordPieceTokenizer tokenizer = Load();
        Assert.Equal((4, 2, 3), (tokenizer.MaskToken(), tokenizer.StartOfSequence(), tokenizer.EndOfSequence()));
        Assert.Equal("[CLS] unaffable he ! [SEP]", tokenizer.Decode([2, 5, 6, 7, 10, 12, 3]));
    }

    [Fact]
    public void A_file_without_the_unknown_token_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("vocab.txt"), "a\nb\n");
        Assert.Contains("no line [UNK]", Fixture.Refused(() => WordPieceTokenizer.Load(folder.File("vocab.txt"))).Message, StringComparison.Ordinal);
    }

    private static WordPieceTokenizer Load(bool lowerCase = true, int maxWordLength = 100)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("vocab.txt"), Vocabulary);
        return WordPieceTokenizer.Load(folder.File("vocab.txt"), lowerCase, maxWordLength);
    }
}
