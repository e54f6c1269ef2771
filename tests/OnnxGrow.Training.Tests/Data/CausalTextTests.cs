using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Packed sequences for causal language models.</summary>
public sealed class CausalTextTests
{
    [Fact]
    public void Labels_are_the_ids_after_and_the_last_has_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), "abcdefgh");
        using ITrainingData data = Fixture.Open(folder, "data: {kind: text, files: a.txt, tokenizer: {kind: bytes}, sequence: 4, batch: 2, validation: 0}");
        Assert.Equal(2, data.TrainingSamples);
        Batch batch = data.Next();
        long[] ids = Fixture.Longs(batch, "input_ids"), labels = Fixture.Longs(batch, "labels");
        int first = ids[0] == 'a' ? 0 : 4;
        Assert.Equal("abcd".Select(c => (long)c), ids[first..(first + 4)]);
        Assert.Equal("bcde".Select(c => (long)c), labels[first..(first + 4)]);
        Assert.Equal([.. "fgh".Select(c => (long)c), -100], labels[(4 - first)..(8 - first)]);
        Assert.Equal([2, 4], batch.Tensors["input_ids"].Dims.ToArray());
    }

    [Fact]
    public void Documents_end_with_the_end_of_text_token()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), "ab\n\ncd\n");
        File.WriteAllText(folder.File("b.txt"), "ef");
        Assert.Equal([97, 98, 256, 99, 100, 256, 101, 102, 256], Ids("line", 9));
        Assert.Equal([97, 98, 10, 10, 99, 100, 10, 256, 101, 102, 256], Ids("file", 11));

        long[] Ids(string document, int length)
        {
            using ITrainingData data = Fixture.Open(folder, $"data: {{kind: text, files: '*.txt', document: {document}, tokenizer: {{kind: bytes, specials: [<|endoftext|>]}}, sequence: {length}, batch: 1, validation: 0}}");
            return Fixture.Longs(data.Next(), "input_ids");
        }
    }

    [Fact]
    public void Vocabularies_beyond_two_bytes_keep_their_ids()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), "ab");
        string specials = string.Join(", ", Enumerable.Range(0, 66_000).Select(i => $"s{i}").Append("</s>"));
        using ITrainingData data = Fixture.Open(folder, $"data: {{kind: text, files: a.txt, tokenizer: {{kind: bytes, specials: [{specials}]}}, sequence: 3, batch: 1, validation: 0}}");
        Assert.Equal([97, 98, 66_256], Fixture.Longs(data.Next(), "input_ids"));
    }

    [Fact]
    public void Texts_shorter_than_a_sequence_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), "abc");
        Assert.Contains("3 tokens, fewer than one sequence of 4", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: text, files: a.txt, tokenizer: {kind: bytes}, sequence: 4}")).Message, StringComparison.Ordinal);
    }
}
