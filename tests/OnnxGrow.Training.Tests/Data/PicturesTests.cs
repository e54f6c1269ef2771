using OnnxGrow.DataTools;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>PNG and JPEG, decoded to arrays that training reads.</summary>
public sealed class PicturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PicturesTests()
    {
        Add("lossless.png", "cat");
        Add("turned.jpg", "dog");
    }

    [Fact]
    public void Pixels_are_those_of_the_picture()
    {
        Decode();
        RuntimeTensor png = NpyFile.Read(_folder.File("out/cat/lossless.npy"));
        Assert.Equal([5, 7, 3], png.Dims.ToArray());
        Assert.Equal([.. Pixels(5, 7, (y, x, c) => (y * 40) + (x * 5) + (c * 20))], png.ToDoubles());
    }

    [Fact]
    public void A_photograph_stands_as_the_camera_has_noted()
    {
        Decode();
        RuntimeTensor jpeg = NpyFile.Read(_folder.File("out/dog/turned.npy"));
        Assert.Equal([24, 16, 3], jpeg.Dims.ToArray());
        double[] wanted = [.. Pixels(24, 16, (y, x, c) => c switch { 0 => (15 - x) * 10, 1 => y * 8, _ => 128 })];
        Assert.All(wanted.Zip(jpeg.ToDoubles()), pair => Assert.InRange(pair.Second, pair.First - 6, pair.First + 6));
    }

    [Fact]
    public void What_is_decoded_trains()
    {
        Decode("4x4");
        using ITrainingData data = Fixture.Open(_folder, "data: {kind: folder, files: out, batch: 2, validation: 0}");
        Batch batch = data.Next();
        Assert.Equal([2, 3, 4, 4], batch.Tensors["pixel_values"].Dims.ToArray());
        Assert.Equal([0, 1], Fixture.Longs(batch, "labels").Order());
    }

    [Fact]
    public void One_channel_where_gray_is_asked_for()
    {
        Decode("gray");
        Assert.Equal([5, 7, 1], NpyFile.Read(_folder.File("out/cat/lossless.npy")).Dims.ToArray());
    }

    [Fact]
    public void A_picture_that_is_none_is_named_and_nothing_is_left_behind()
    {
        File.WriteAllText(_folder.File("pets/dog/broken.png"), "no picture");
        Assert.Contains("broken.png' cannot be decoded", Assert.Throws<BadInputException>(() => Decode()).Message, StringComparison.Ordinal);
        Assert.Equal(["pets"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Two_that_would_become_one_are_refused()
    {
        File.Copy(_folder.File("pets/cat/lossless.png"), _folder.File("pets/cat/lossless.jpg"));
        Assert.Contains("rename one of them", Assert.Throws<BadInputException>(() => Decode()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_already_stays()
    {
        Directory.CreateDirectory(_folder.File("out"));
        Assert.Contains("is there already", Assert.Throws<BadInputException>(() => Decode()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x4")]
    [InlineData("4")]
    [InlineData("4x4x4")]
    [InlineData("colour")]
    public void Other_words_are_not_understood(string word) => Assert.Null(Pictures.Options([word]));

    public void Dispose() => _folder.Dispose();

    private void Decode(params string[] words) => Pictures.Decode(_folder.File("pets"), _folder.File("out"), Pictures.Options(words)!);

    private void Add(string name, string kind)
    {
        Directory.CreateDirectory(_folder.File($"pets/{kind}"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "Fixtures", name), _folder.File($"pets/{kind}/{name}"));
    }

    private static IEnumerable<double> Pixels(int height, int width, Func<int, int, int, int> of) =>
        from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) from c in Enumerable.Range(0, 3) select (double)of(y, x, c);
}
