using System.IO.Compression;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Images from IDX files.</summary>
public sealed class IdxTests
{
    private const string Recipe = "data: {kind: images, files: i.idx, labels: l.idx, batch: 2, validation: 0}";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_come_with_their_labels(bool compressed)
    {
        using var folder = new TemporaryFolder();
        string suffix = compressed ? ".gz" : "";
        Write(folder.File("i.idx" + suffix), Fixture.Idx([0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6], 2, 2, 3), compressed);
        Write(folder.File("l.idx" + suffix), Fixture.Idx([7, 9], 2), compressed);
        using ITrainingData data = Fixture.Open(folder, Recipe.Replace(".idx", ".idx" + suffix, StringComparison.Ordinal));
        Batch batch = data.Next();
        Assert.Equal([2, 1, 2, 3], batch.Tensors["pixel_values"].Dims.ToArray());
        long[] labels = Fixture.Longs(batch, "labels");
        Assert.Equal([7, 9], labels.Order());
        double[] pixels = batch.Tensors["pixel_values"].ToDoubles();
        int first = labels[0] == 7 ? 0 : 6;
        Assert.Equal(new[] { 0f, 0.2f, 0.4f, 0.6f, 0.8f, 1f }.Select(v => (double)v), pixels[first..(first + 6)]);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 13, 1, 0, 0, 0, 1, 0 }, "unsigned bytes")]
    [InlineData(new byte[] { 0, 0, 8, 5 }, "unsigned bytes")]
    [InlineData(new byte[] { 0, 0, 8 }, "cannot be read as an IDX file")]
    [InlineData(new byte[] { 0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 }, "more than 64 GiB")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3 }, "asks for 8 bytes and it holds 3")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2 }, "asks for nothing")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1, 2 }, "number x height x width")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9 }, "number x height x width")]
    public void Files_that_are_no_images_are_refused(byte[] file, string why)
    {
        foreach (bool compressed in new[] { false, true })
        {
            using var folder = new TemporaryFolder();
            string suffix = compressed ? ".gz" : "";
            Write(folder.File("i.idx" + suffix), file, compressed);
            File.WriteAllBytes(folder.File("l.idx"), Fixture.Idx([7, 9], 2));
            string message = Fixture.Refused(() => Fixture.Open(folder, Recipe.Replace("i.idx", "i.idx" + suffix, StringComparison.Ordinal))).Message;
            Assert.Contains(why, message, StringComparison.Ordinal);
            Assert.Contains("i.idx", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Compressed_files_that_hold_more_or_are_not_compressed_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("l.idx"), Fixture.Idx([7, 9], 2));
        string recipe = Recipe.Replace("i.idx", "i.idx.gz", StringComparison.Ordinal);
        Write(folder.File("i.idx.gz"), Fixture.Idx([1, 2, 3], 2, 1, 1), compressed: true);
        Assert.Contains("holds more", Fixture.Refused(() => Fixture.Open(folder, recipe)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("i.idx.gz"), [1, 2, 3, 4, 5]);
        Assert.Contains("cannot be read as an IDX file", Fixture.Refused(() => Fixture.Open(folder, recipe)).Message, StringComparison.Ordinal);
    }

    [DataFileFact("fashion-mnist", "fashion-mnist")]
    public void Fashion_MNIST_is_read_whole()
    {
        string folder = DataFileFactAttribute.PathOf("fashion-mnist");
        DataRecipe recipe = DataRecipe.Parse("""
            data:
              kind: images
              files: train-images-idx3-ubyte.gz
              labels: train-labels-idx1-ubyte.gz
              validation_files: t10k-images-idx3-ubyte.gz
              validation_labels: t10k-labels-idx1-ubyte.gz
              batch: 500
            """, "recipe");
        using ITrainingData data = DataSource.Open(recipe, folder);
        Assert.Equal((60_000, 10_000), (data.TrainingSamples, data.ValidationSamples));
        long[] training = [.. Enumerable.Range(0, 120).SelectMany(_ => Fixture.Longs(data.Next(), "labels"))];
        Assert.All(training.GroupBy(l => l), g => Assert.Equal(6000, g.Count()));
        Batch[] held = [.. data.Validation()];
        Assert.All(held.SelectMany(b => Fixture.Longs(b, "labels")).GroupBy(l => l), g => Assert.Equal(1000, g.Count()));
        Assert.InRange(held.Average(b => b.Tensors["pixel_values"].ToDoubles().Average()), 0.28, 0.29);
    }

    private static void Write(string path, byte[] bytes, bool compressed)
    {
        using Stream file = compressed ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path);
        file.Write(bytes);
    }
}
