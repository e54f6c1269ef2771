using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Masking for masked language models.</summary>
public sealed class MaskedTextTests
{
    private const int Cls = 256, Sep = 257, Mask = 258;
    private const string Recipe = "data: {kind: mlm, files: a.txt, tokenizer: {kind: bytes, specials: ['[CLS]', '[SEP]', '[MASK]']}, document: line, sequence: 64, batch: 50, validation: 0, seed: 5}";

    [Fact]
    public void Of_the_tokens_drawn_most_are_masked_some_random_some_left()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), Text());
        using ITrainingData data = Fixture.Open(folder, Recipe);
        double tokens = 0, drawn = 0, masked = 0, kept = 0;
        for (int step = 0; step < 40; step++)
        {
            Batch batch = data.Next();
            long[] ids = Fixture.Longs(batch, "input_ids"), labels = Fixture.Longs(batch, "labels");
            for (int i = 0; i < ids.Length; i++)
            {
                if (labels[i] == FieldNames.NoLabel)
                {
                    Assert.NotEqual(Mask, ids[i]);
                    tokens += ids[i] < 256 ? 1 : 0;
                    continue;
                }

                Assert.InRange(labels[i], 0, 255);
                Assert.True(ids[i] is < 256 or Mask);
                (tokens, drawn) = (tokens + 1, drawn + 1);
                masked += ids[i] == Mask ? 1 : 0;
                kept += ids[i] == labels[i] ? 1 : 0;
            }
        }

        // About 120,000 tokens: five standard deviations. A random token is the same one once in 256.
        Assert.InRange(drawn / tokens, 0.15 - 0.0052, 0.15 + 0.0052);
        Assert.InRange(masked / drawn, 0.80 - 0.015, 0.80 + 0.015);
        Assert.InRange(kept / drawn, 0.1004 - 0.0115, 0.1004 + 0.0115);
    }

    [Fact]
    public void Sequences_begin_and_end_with_their_tokens_and_separators_are_never_drawn()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), Text());
        using ITrainingData data = Fixture.Open(folder, Recipe);
        int separators = 0;
        for (int step = 0; step < 10; step++)
        {
            Batch batch = data.Next();
            long[] ids = Fixture.Longs(batch, "input_ids"), labels = Fixture.Longs(batch, "labels");
            for (int i = 0; i < ids.Length; i++)
            {
                Assert.Equal(i % 64 == 0, ids[i] == Cls);
                Assert.False(i % 64 == 63 && ids[i] != Sep);
                Assert.False(ids[i] is Cls or Sep && labels[i] != FieldNames.NoLabel);
                separators += ids[i] == Sep && i % 64 != 63 ? 1 : 0;
            }
        }

        Assert.InRange(separators, 1, 100_000);
    }

    [Fact]
    public void Each_epoch_draws_anew_and_validation_does_not()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), Fixture.Words(40));
        using ITrainingData data = Fixture.Open(folder, Recipe.Replace("validation: 0", "validation: 0.5", StringComparison.Ordinal).Replace("batch: 50", "batch: 1", StringComparison.Ordinal).Replace("sequence: 64", "sequence: 30", StringComparison.Ordinal));
        var seen = new Dictionary<string, HashSet<string>>();
        for (int i = 0; i < 10 * data.TrainingSamples; i++)
        {
            Batch batch = data.Next();
            long[] ids = Fixture.Longs(batch, "input_ids"), labels = Fixture.Longs(batch, "labels");
            string text = string.Join(',', ids.Zip(labels, (id, label) => label == FieldNames.NoLabel ? id : label));
            seen.TryAdd(text, []);
            seen[text].Add(string.Join(',', labels));
        }

        Assert.Equal(data.TrainingSamples, seen.Count);
        Assert.All(seen.Values, draws => Assert.InRange(draws.Count, 9, 10));
        Assert.Equal(data.Validation().Select(Fixture.Bytes), data.Validation().Select(Fixture.Bytes));
    }

    [Fact]
    public void A_tokenizer_without_a_mask_token_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), Text());
        Assert.Contains("specials: ['[MASK]']", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: mlm, files: a.txt, tokenizer: {kind: bytes}}")).Message, StringComparison.Ordinal);
    }

    private static string Text() => string.Concat(Enumerable.Range(0, 200).Select(i => $"{Fixture.Words(20 + (i % 7))}\n"));
}
