using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Images from a folder for each class.</summary>
public sealed class FolderTests
{
    [Fact]
    public void Classes_are_numbered_in_the_order_of_their_names()
    {
        using TemporaryFolder folder = Make();
        using ITrainingData data = Fixture.Open(folder, "data: {kind: folder, files: pets, batch: 3, validation: 0}");
        Batch batch = data.Next();
        Assert.Equal([3, 3, 1, 2], batch.Tensors["pixel_values"].Dims.ToArray());
        double[] pixels = batch.Tensors["pixel_values"].ToDoubles();
        (long, double)[] both = [.. Fixture.Longs(batch, "labels").Select((label, i) => (label, Math.Round(pixels[i * 6] * 255)))];
        Assert.Equal([(0, 1), (0, 2), (1, 3)], both.Order());
    }

    [Fact]
    public void Pictures_that_are_not_decoded_say_what_to_do()
    {
        using TemporaryFolder folder = Make();
        File.WriteAllBytes(folder.File("pets/cat/z.JPG"), [0xFF, 0xD8]);
        Assert.Contains("makes .npy arrays", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: folder, files: pets}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_other_sizes_need_one_size_and_then_fit()
    {
        using TemporaryFolder folder = Make();
        File.WriteAllBytes(folder.File("pets/cat/z.npy"), Fixture.Npy("|u1", new byte[12], 2, 2, 3));
        using ITrainingData data = Fixture.Open(folder, "data: {kind: folder, files: pets, batch: 4, validation: 0}");
        Assert.Contains("give 'resize'", Fixture.Refused(() => data.Next()).Message, StringComparison.Ordinal);
        using ITrainingData resized = Fixture.Open(folder, "data: {kind: folder, files: pets, batch: 4, validation: 0, image: {resize: 2}}");
        Assert.Equal([4, 3, 2, 2], resized.Next().Tensors["pixel_values"].Dims.ToArray());
    }

    [Fact]
    public void What_holds_no_images_is_refused()
    {
        using TemporaryFolder folder = Make();
        Directory.CreateDirectory(folder.File("empty"));
        Assert.Contains("a folder for each class", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: folder, files: empty}")).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("pets/cat/a.npy"), Fixture.Npy("<f4", new byte[4], 1, 1));
        Assert.Contains("UInt8[height, width]", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: folder, files: pets}")).Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Make()
    {
        var folder = new TemporaryFolder();
        foreach ((string name, byte first) in new[] { ("cat/a", (byte)1), ("cat/b", (byte)2), ("dog/a", (byte)3) })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"pets/{name}"))!);
            File.WriteAllBytes(folder.File($"pets/{name}.npy"), Fixture.Npy("|u1", [first, 0, 0, 0, 0, 0], 1, 2, 3));
        }

        return folder;
    }
}
