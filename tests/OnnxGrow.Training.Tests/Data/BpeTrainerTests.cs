using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data.Tokenizers;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Vocabularies learnt from text.</summary>
public sealed class BpeTrainerTests
{
    private const string Sentence = "the cat sat on the mat, and the other cat sat on the other mat; then they thought that there the thing was";

    [Fact]
    public void Merges_are_those_of_counting_afresh_each_time()
    {
        BpeVocabulary learnt = Train(Sentence, 300);
        Assert.Equal(Slowly(Sentence, learnt.Merges.Count), learnt.Merges);
        Assert.Equal(("t", "h"), learnt.Merges[0]);
        Assert.Equal("<|endoftext|>", learnt.Tokens[^1]);
    }

    [Fact]
    public void Saved_it_encodes_in_fewer_tokens_and_back()
    {
        using var folder = new TemporaryFolder();
        Train(Sentence, 270).Save(folder.Path);
        var tokenizer = BpeTokenizer.Load(folder.File("vocab.json"), folder.File("merges.txt"));
        Assert.Equal(270, tokenizer.VocabularySize);
        Assert.Equal(269, tokenizer.EndOfText());
        int[] ids = tokenizer.Encode(Sentence);
        Assert.InRange(ids.Length, 1, Sentence.Length / 2);
        Assert.Equal(Sentence, tokenizer.Decode(ids));
    }

    [Fact]
    public void The_order_of_the_texts_does_not_change_the_files()
    {
        var one = new BpeTrainer();
        one.Add("b b a a");
        one.Add(" and c");
        var other = new BpeTrainer();
        other.Add(" and c");
        other.Add("b b a a");
        Assert.Equal(one.Train(270).Merges, other.Train(270).Merges);
    }

    [Fact]
    public void It_ends_where_no_pair_occurs_twice_and_refuses_less_than_bytes()
    {
        Assert.Equal(257, Train("abc", 1000).Tokens.Count);
        Assert.Contains("at least 257", Fixture.Refused(() => Train("abc", 256)).Message, StringComparison.Ordinal);
    }

    private static BpeVocabulary Train(string text, int size)
    {
        var trainer = new BpeTrainer();
        trainer.Add(text);
        return trainer.Train(size);
    }

    // The definition, without any bookkeeping: ids are the order of tokens.
    private static List<(string Left, string Right)> Slowly(string text, int merges)
    {
        var tokens = new List<string>(new BpeTrainer().Train(256, []).Tokens);
        var words = new List<List<string>>();
        for (int at = 0; at < text.Length;)
        {
            int length = GptWords.First(text.AsSpan(at));
            words.Add([.. text.Substring(at, length).Select(c => c == ' ' ? "Ġ" : c.ToString())]);
            at += length;
        }

        var found = new List<(string Left, string Right)>();
        for (int m = 0; m < merges; m++)
        {
            (string Left, string Right) best = words.SelectMany(w => w.Zip(w.Skip(1)))
                .GroupBy(p => p).OrderByDescending(g => g.Count())
                .ThenBy(g => tokens.IndexOf(g.Key.First)).ThenBy(g => tokens.IndexOf(g.Key.Second)).First().Key;
            found.Add(best);
            tokens.Add(best.Left + best.Right);
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == best.Left && word[i + 1] == best.Right)
                    {
                        word[i] += best.Right;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return found;
    }
}
