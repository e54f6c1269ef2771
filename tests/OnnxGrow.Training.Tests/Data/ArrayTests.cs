using System.IO.Compression;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Shards of arrays.</summary>
public sealed class ArrayTests
{
    private static readonly byte[] Five = [.. Enumerable.Range(0, 5).SelectMany(i => BitConverter.GetBytes((float)i))];

    [Fact]
    public void Samples_of_several_shards_come_in_one_order_with_their_types()
    {
        using var folder = new TemporaryFolder();
        Npz(folder.File("a.npz"), CompressionLevel.NoCompression, ("x", Fixture.Npy("<f4", Five[..12], 3)), ("y", Fixture.Npy("|b1", [0, 1, 0], 3)));
        Npz(folder.File("b.npz"), CompressionLevel.Optimal, ("y", Fixture.Npy("|b1", [1, 0], 2)), ("x", Fixture.Npy("<f4", Five[12..], 2)));
        using ITrainingData data = Fixture.Open(folder, "data: {kind: arrays, files: '*.npz', batch: 5, validation: 0}");
        Assert.Equal(["x", "y"], data.Fields.Select(f => f.Name));
        Batch batch = data.Next();
        Assert.Equal(ElementType.Bool, batch.Tensors["y"].ElementType);
        double[] x = batch.Tensors["x"].ToDoubles();
        Assert.Equal([0, 1, 2, 3, 4], x.Order());
        Assert.All(x.Zip(batch.Tensors["y"].Bytes.ToArray()), p => Assert.Equal((byte)(p.First % 2), p.Second));
    }

    [Fact]
    public void A_folder_of_arrays_is_a_shard()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("s"));
        File.WriteAllBytes(folder.File("s/x.npy"), Fixture.Npy("<i4", [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0], 2, 2));
        using ITrainingData data = Fixture.Open(folder, "data: {kind: arrays, files: s, batch: 2, validation: 0}");
        long[] x = Fixture.Longs(data.Next(), "x");
        Assert.Equal("1 2|3 4", string.Join('|', new[] { $"{x[0]} {x[1]}", $"{x[2]} {x[3]}" }.Order(StringComparer.Ordinal)));
    }

    public static TheoryData<string, byte[], string> Hostile => new()
    {
        { "<f4", Fixture.Npy("<f4", Five[..8], 3), "asks for 12 bytes and it holds" },
        { "more", Fixture.Npy("<f4", Five, 3), "it holds" },
        { "huge", Fixture.Npy("<f4", Five, 3_000_000_000, 3_000_000_000, 3_000_000_000), "asks for more than" },
        { "object", Fixture.Npy("|O", Five, 5), "is not one of" },
        { "scalar", Fixture.Npy("<f4", Five[..4]), "a single number" },
        { "none", Fixture.Npy("<f4", [], 0, 4), "no samples" },
        { "text", [.. "this is not an array, but a line of text"u8], "not a .npy file" },
        { "cut", Fixture.Npy("<f4", Five, 5)[..20], "cannot be read as arrays" },
        { "head", [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 255, 0, 0], "header is too long" },
        { "number", Fixture.Npy("<f4', 'shape': (99999999999999999999,), 'x': '", Five, 5), "its shape is broken" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Arrays_that_are_not_what_they_say_are_refused(string name, byte[] file, string why)
    {
        using var folder = new TemporaryFolder();
        Npz(folder.File("a.npz"), CompressionLevel.Optimal, (name, file));
        Directory.CreateDirectory(folder.File("s"));
        File.WriteAllBytes(folder.File("s/x.npy"), file);
        foreach (string shard in new[] { "a.npz", "s" })
        {
            Assert.Contains(why, Fixture.Refused(() => Fixture.Open(folder, $"data: {{kind: arrays, files: {shard}}}")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Shards_that_do_not_belong_together_are_refused()
    {
        using var folder = new TemporaryFolder();
        Npz(folder.File("a.npz"), CompressionLevel.Optimal, ("x", Fixture.Npy("<f4", Five, 5)), ("y", Fixture.Npy("<f4", Five[..16], 4)));
        Assert.Contains("x has 5 and y has 4", Refused("a.npz"), StringComparison.Ordinal);
        Npz(folder.File("b.npz"), CompressionLevel.Optimal, ("x", Fixture.Npy("<f4", Five, 5)));
        Npz(folder.File("c.npz"), CompressionLevel.Optimal, ("x", Fixture.Npy("<i4", Five, 5)));
        Assert.Contains("all shards must hold the same", Refused("[b.npz, c.npz]"), StringComparison.Ordinal);
        Npz(folder.File("d.npz"), CompressionLevel.Optimal, ("x", Fixture.Npy("<f4", Five, 5)), ("x", Fixture.Npy("<f4", Five, 5)));
        Assert.Contains("'x' twice", Refused("d.npz"), StringComparison.Ordinal);
        Npz(folder.File("e.npz"), CompressionLevel.Optimal);
        Assert.Contains("no arrays", Refused("e.npz"), StringComparison.Ordinal);
        File.WriteAllText(folder.File("f.npz"), "not a zip file");
        Assert.Contains("cannot be read as arrays", Refused("f.npz"), StringComparison.Ordinal);

        string Refused(string files) => Fixture.Refused(() => Fixture.Open(folder, $"data: {{kind: arrays, files: {files}}}")).Message;
    }

    private static void Npz(string path, CompressionLevel level, params (string Name, byte[] Bytes)[] arrays)
    {
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in arrays)
        {
            using Stream entry = zip.CreateEntry(name + ".npy", level).Open();
            entry.Write(bytes);
        }
    }
}
