using System.Text.Json;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Streams of batches are the same for the same seed, and go on from any position to the bit.</summary>
public sealed class ResumeTests
{
    public static TheoryData<string> Kinds =>
    [
        "kind: text, files: a.txt, tokenizer: {kind: bytes}, sequence: 8",
        "kind: mlm, files: a.txt, tokenizer: {kind: bytes, specials: ['[MASK]']}, sequence: 8",
        "kind: images, files: images.idx, labels: labels.idx, image: {pad: 1, crop: 3, flip: true}",
        "kind: arrays, files: shard",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_run_that_is_carried_on_gives_the_same_batches(string kind)
    {
        using TemporaryFolder folder = Make();
        string recipe = $"data: {{{kind}, batch: 7, validation: 0.2, seed: 11}}";
        var batches = new List<string>();
        var positions = new List<string>();
        using (ITrainingData data = Fixture.Open(folder, recipe))
        {
            for (int i = 0; i < 30; i++)
            {
                positions.Add(JsonSerializer.Serialize(data.Position));
                batches.Add(Fixture.Bytes(data.Next()));
            }

            Assert.InRange(data.Position.Epoch, 2, 20);
        }

        Assert.Equal(30, batches.Distinct().Count());
        for (int start = 0; start < 30; start += 6)
        {
            using ITrainingData data = Fixture.Open(folder, recipe);
            data.Resume(JsonSerializer.Deserialize<DataPosition>(positions[start])!);
            for (int i = start; i < 30; i++)
            {
                Assert.Equal(batches[i], Fixture.Bytes(data.Next()));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_seed_gives_other_batches(string kind)
    {
        using TemporaryFolder folder = Make();
        using ITrainingData one = Fixture.Open(folder, $"data: {{{kind}, batch: 7, seed: 1}}");
        using ITrainingData other = Fixture.Open(folder, $"data: {{{kind}, batch: 7, seed: 2}}");
        Assert.NotEqual(Fixture.Bytes(one.Next()), Fixture.Bytes(other.Next()));
    }

    [Fact]
    public void What_is_held_back_is_the_same_for_every_seed()
    {
        using TemporaryFolder folder = Make();
        long[] Held(int seed)
        {
            using ITrainingData data = Fixture.Open(folder, $"data: {{kind: arrays, files: shard, batch: 4, validation: 0.25, seed: {seed}}}");
            return [.. data.Validation().SelectMany(b => Fixture.Longs(b, "x"))];
        }

        // Or a model that carries on with another seed would be tried on what it has learned from.
        Assert.Equal(Held(3), Held(4));
    }

    [Fact]
    public void An_epoch_gives_each_sample_once_and_validation_the_rest()
    {
        using TemporaryFolder folder = Make();
        using ITrainingData data = Fixture.Open(folder, "data: {kind: arrays, files: shard, batch: 4, validation: 0.25, seed: 3}");
        Assert.Equal((30, 10), (data.TrainingSamples, data.ValidationSamples));
        for (int epoch = 0; epoch < 2; epoch++)
        {
            long[] ids = [.. Enumerable.Range(0, 15).SelectMany(_ => Fixture.Longs(data.Next(), "x"))];
            long[] held = [.. data.Validation().SelectMany(b => Fixture.Longs(b, "x"))];
            Assert.Equal(30, ids[..30].Distinct().Count());
            Assert.Equal(ids[..30].Order(), ids[30..].Order());
            Assert.NotEqual(ids[..30], ids[30..]);
            Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), ids[..30].Concat(held).Order());
        }

        Assert.Equal([4, 4, 2], data.Validation().Select(b => b.Samples));
    }

    [Fact]
    public void A_batch_of_another_size_goes_on_with_the_samples_that_were_left()
    {
        using TemporaryFolder folder = Make();
        using ITrainingData small = Fixture.Open(folder, "data: {kind: arrays, files: shard, batch: 4, seed: 3}");
        using ITrainingData large = Fixture.Open(folder, "data: {kind: arrays, files: shard, batch: 8, seed: 3}");
        small.Next();
        large.Resume(small.Position);
        Assert.Equal([.. Fixture.Longs(small.Next(), "x"), .. Fixture.Longs(small.Next(), "x")], Fixture.Longs(large.Next(), "x"));
    }

    [Fact]
    public void Positions_of_other_data_are_refused()
    {
        using TemporaryFolder folder = Make();
        const string Recipe = "data: {kind: text, files: a.txt, tokenizer: {kind: bytes}, sequence: 8, seed: 3}";
        DataPosition position;
        using (ITrainingData data = Fixture.Open(folder, Recipe))
        {
            position = data.Position;
            Assert.Contains("data seed 4", Fixture.Refused(() => data.Resume(position with { Seed = 4 })).Message, StringComparison.Ordinal);
            Assert.Contains("no position", Fixture.Refused(() => data.Resume(position with { Sample = 100_000 })).Message, StringComparison.Ordinal);
            Assert.Contains("no position", Fixture.Refused(() => data.Resume(position with { Epoch = -1 })).Message, StringComparison.Ordinal);
        }

        File.WriteAllText(folder.File("a.txt"), Fixture.Words(100).Replace('a', 'b'));
        using ITrainingData changed = Fixture.Open(folder, Recipe);
        Assert.Contains("other data", Fixture.Refused(() => changed.Resume(position)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {kind: images, files: images.idx, labels: labels.idx}", "images.idx")]
    [InlineData("data: {kind: images, files: images.idx, labels: labels.idx}", "labels.idx")]
    [InlineData("data: {kind: arrays, files: shard}", "shard/x.npy")]
    [InlineData("data: {kind: folder, files: pictures}", "pictures/b/0.npy")]
    public void A_byte_of_the_content_that_has_changed_is_noticed(string recipe, string file)
    {
        using TemporaryFolder folder = Make();
        foreach (string name in new[] { "a", "b" })
        {
            Directory.CreateDirectory(folder.File("pictures/" + name));
            File.WriteAllBytes(folder.File($"pictures/{name}/0.npy"), Fixture.Npy("|u1", [1, 2, 3, 4], 2, 2));
        }

        recipe = recipe.Replace("}", ", batch: 1, validation: 0, seed: 3}", StringComparison.Ordinal);
        DataPosition position;
        using (ITrainingData data = Fixture.Open(folder, recipe))
        {
            position = data.Position;
        }

        using (ITrainingData same = Fixture.Open(folder, recipe))
        {
            same.Resume(position);
        }

        byte[] bytes = File.ReadAllBytes(folder.File(file));
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder.File(file), bytes);
        using ITrainingData changed = Fixture.Open(folder, recipe);
        Assert.Contains("other data", Fixture.Refused(() => changed.Resume(position)).Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Make()
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), Fixture.Words(100));
        File.WriteAllBytes(folder.File("images.idx"), Fixture.Idx([.. Enumerable.Range(0, 40 * 9).Select(i => (byte)i)], 40, 3, 3));
        File.WriteAllBytes(folder.File("labels.idx"), Fixture.Idx([.. Enumerable.Range(0, 40).Select(i => (byte)i)], 40));
        Directory.CreateDirectory(folder.File("shard"));
        File.WriteAllBytes(folder.File("shard/x.npy"), Fixture.Npy("<i8", [.. Enumerable.Range(0, 40).SelectMany(i => BitConverter.GetBytes((long)i))], 40));
        return folder;
    }
}
