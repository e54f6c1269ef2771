using System.Diagnostics;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("../x.bin")]
    [InlineData("a/../../x.bin")]
    [InlineData("..\\x.bin")]
    [InlineData("./../x.bin")]
    [InlineData("a/..")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\x.bin")]
    [InlineData("C:x.bin")]
    [InlineData("\\\\server\\share")]
    [InlineData("//server/share")]
    [InlineData("file:///etc/passwd")]
    [InlineData("x.bin:stream")]
    [InlineData("NUL")]
    [InlineData("aux.bin")]
    [InlineData("a/com1.bin")]
    [InlineData("x.bin.")]
    [InlineData("x.bin ")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a/")]
    [InlineData("x\0.bin")]
    [InlineData("x\u001b[31m.bin")]
    public void A_location_outside_the_folder_or_of_another_kind_is_refused(string location)
    {
        Assert.NotNull(ExternalPath.Problem(location));
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", location))), "'w'", "location");
    }

    [Theory]
    [InlineData("x.bin")]
    [InlineData("./x.bin")]
    [InlineData("a/b/x.bin")]
    [InlineData("a\\x.bin")]
    [InlineData("..x..bin")]
    [InlineData("com.bin")]
    [InlineData("nul0")]
    [InlineData("модель.data")]
    public void A_location_inside_the_folder_is_right(string location) => Assert.Null(ExternalPath.Problem(location));

    [Fact]
    public void Overlong_names_are_refused_and_cut_in_the_message()
    {
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", new string('x', 300)))), "255");
        TestFolder.Refused(Model(TestFolder.External(new string('n', 1 << 20), 4, ("location", new string('x', 1 << 20)))), "...");
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "x")]
    [InlineData("offset", "")]
    [InlineData("offset", "9223372036854775808")]
    [InlineData("offset", "1e3")]
    [InlineData("offset", " 1")]
    [InlineData("offset", "7")]
    [InlineData("offset", "9223372036854775807")]
    [InlineData("length", "-4")]
    [InlineData("length", "0")]
    [InlineData("length", "5")]
    [InlineData("length", "18446744073709551620")]
    public void Offsets_and_lengths_that_lie_are_refused(string key, string value)
    {
        folder.Write("x.bin", new byte[10]);
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "x.bin"), (key, value))), "'w'");
    }

    [Fact]
    public void Keys_may_be_unknown_or_left_out_but_not_doubled()
    {
        folder.Write("x.bin", [0, 1, 2, 3, 4, 5]);
        using (OnnxModel model = OnnxModel.Open(Model(
            TestFolder.External("w", 4, ("location", "x.bin"), ("offset", "2"), ("__class__", "x"), ("checksum", "y")))))
        {
            Assert.Equal([2, 3, 4, 5], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        }

        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "x.bin"), ("location", "x.bin"))), "twice");
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("offset", "2"))), "no 'location'");
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "gone.bin"))), "gone.bin", "does not exist");
        Directory.CreateDirectory(folder.File("sub"));
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "sub"))), "is a folder");

        TensorProto both = TestFolder.External("w", 4, ("location", "x.bin"));
        both.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[4]);
        TestFolder.Refused(Model(both), "both");
        using OnnxModel memory = OnnxModel.FromProto(TestFolder.Model(TestFolder.External("w", 4, ("location", "x.bin"))));
        TestFolder.Refused(() => memory.DataOf(memory.Proto.Graph.Initializer[0]), "not read from a file");
    }

    [Fact]
    public void A_graph_opens_without_its_data_when_asked_to()
    {
        string path = Model(TestFolder.External("w", 4, ("location", "gone.bin")));
        using OnnxModel model = OnnxModel.Open(path, new ReadLimits { CheckData = false });
        TestFolder.Refused(() => model.DataOf(model.Proto.Graph.Initializer[0]), "gone.bin");
        TestFolder.Refused(() => model.Save(folder.File("out.onnx")), "gone.bin");
        Assert.Equal(["m.onnx"], folder.Names);
    }

    [Fact]
    public void Links_may_stay_inside_but_not_lead_out()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var outside = new TestFolder();
        outside.Write("secret.bin", [6, 6, 6, 6]);
        folder.Write("inside.bin", [1, 2, 3, 4]);
        File.CreateSymbolicLink(folder.File("good.bin"), "inside.bin");
        File.CreateSymbolicLink(folder.File("bad.bin"), outside.File("secret.bin"));
        Directory.CreateSymbolicLink(folder.File("baddir"), outside.Path);
        File.CreateSymbolicLink(folder.File("zero"), "/dev/zero");
        File.CreateSymbolicLink(folder.File("loop"), "loop");
        using (OnnxModel model = OnnxModel.Open(Model(TestFolder.External("w", 4, ("location", "good.bin")))))
        {
            Assert.Equal([1, 2, 3, 4], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        }

        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "bad.bin"))), "leads out");
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "baddir/secret.bin"))), "leads out");
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "zero"))), "leads out");
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "loop"))), "circles");
    }

    [Fact]
    public void A_content_addressed_cache_of_links_is_read()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Directory.CreateDirectory(folder.File("blobs"));
        Directory.CreateDirectory(folder.File("snapshots/1/onnx"));
        folder.Write("blobs/aa", TestFolder.Model(TestFolder.External("w", 4, ("location", "model.onnx_data"))));
        folder.Write("blobs/bb", [1, 2, 3, 4]);
        File.CreateSymbolicLink(folder.File("snapshots/1/onnx/model.onnx"), "../../../blobs/aa");
        File.CreateSymbolicLink(folder.File("snapshots/1/onnx/model.onnx_data"), "../../../blobs/bb");
        using OnnxModel model = OnnxModel.Open(folder.File("snapshots/1/onnx/model.onnx"));
        Assert.Equal([1, 2, 3, 4], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
    }

    [Fact]
    public void Pipes_and_devices_are_refused_without_waiting()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Run("mkfifo", folder.File("pipe"));
        TestFolder.Refused(Model(TestFolder.External("w", 4, ("location", "pipe"))), "not a regular file");
        TestFolder.Refused(folder.File("pipe"), "device or a pipe");
        TestFolder.Refused("/dev/zero", "device or a pipe");
    }

    [Fact]
    public void A_file_that_is_swapped_or_cut_while_open_is_an_error_not_a_crash()
    {
        folder.Write("x.bin", new byte[100_000]);
        folder.Write("y.bin", new byte[100_000]);
        using OnnxModel model = OnnxModel.Open(Model(
            TestFolder.External("w", 100_000, ("location", "x.bin")), TestFolder.External("v", 100_000, ("location", "y.bin"))));
        TensorData first = model.DataOf(model.Proto.Graph.Initializer[0]);
        TensorData second = model.DataOf(model.Proto.Graph.Initializer[1]);
        first.ReadBytes(0, new byte[10]);
        using (FileStream file = new(folder.File("x.bin"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(10);
        }

        TestFolder.Refused(() => TestFolder.BytesOf(first), "x.bin", "shorter");
        folder.Write("y.bin", new byte[5]);
        TestFolder.Refused(() => TestFolder.BytesOf(second), "y.bin", "replaced");
    }

    [Fact]
    public void Saving_elsewhere_takes_the_external_data_along_and_keeps_tied_weights_tied()
    {
        byte[] bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        folder.Write("x.bin", bytes);
        (string, string)[] keys = [("location", "x.bin"), ("offset", "1000"), ("length", "200000")];
        using OnnxModel model = OnnxModel.Open(Model(
            TestFolder.External("w", 200_000, keys), TestFolder.External("tied", 200_000, keys), TestFolder.Ramp("inline", 1000)));
        using var other = new TestFolder();
        model.Save(other.File("out.onnx"));
        Assert.Equal(["out.onnx", "out.onnx.data"], other.Names);
        Assert.Equal(200_000, new FileInfo(other.File("out.onnx.data")).Length);
        using OnnxModel saved = OnnxModel.Open(other.File("out.onnx"));
        Assert.Equal(bytes[1000..201_000], TestFolder.BytesOf(saved.DataOf(saved.Proto.Graph.Initializer[0])));
        Assert.Equal(saved.Proto.Graph.Initializer[0].ExternalData, saved.Proto.Graph.Initializer[1].ExternalData);
        Assert.True(saved.Proto.Graph.Initializer[2].HasPayload);
    }

    [Fact]
    public void External_tensors_are_aligned_for_mapping()
    {
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(
            TestFolder.Ramp("a", 3), TestFolder.Ramp("b", 300_000), TestFolder.Ramp("c", 5), TestFolder.Ramp("tiny", 1)));
        model.Save(folder.File("m.onnx"), new SaveOptions { ExternalThreshold = 8, DataFileName = "weights.bin" });
        using OnnxModel saved = OnnxModel.Open(folder.File("m.onnx"));
        string[] offsets = [.. saved.Proto.Graph.Initializer.Take(3).Select(t => t.ExternalData.Single(e => e.Key == "offset").Value)];
        Assert.Equal(["0", "65536", FormattableString.Invariant($"{(65536 + 1_200_000 + 63) / 64 * 64}")], offsets);
        Assert.True(saved.Proto.Graph.Initializer[3].HasRawData);
        Assert.Equal(model.ToBytes(), saved.ToBytes());
        Assert.Equal(["m.onnx", "weights.bin"], folder.Names);
    }

    [Fact]
    public void A_new_weight_in_place_of_an_external_one_is_external_too()
    {
        folder.Write("x.bin", new byte[16]);
        using OnnxModel model = OnnxModel.Open(Model(TestFolder.External("w", 4, ("location", "x.bin"))));
        TensorProto tensor = model.Proto.Graph.Initializer[0];
        model.SetData(tensor, new MemoryTensorData(ElementType.UInt8, new byte[] { 5, 6, 7, 8 }));
        model.SetData(tensor, new MemoryTensorData(ElementType.UInt8, new byte[] { 6, 7, 8, 9 }));
        model.Save(folder.File("out.onnx"));
        Assert.Equal([6, 7, 8, 9], File.ReadAllBytes(folder.File("out.onnx.data")));
    }

    [Fact]
    public void Five_gigabytes_beside_a_model_cost_neither_time_nor_memory()
    {
        const long Size = 5L << 30;
        using (FileStream file = File.Create(folder.File("x.bin")))
        {
            file.SetLength(Size);
            file.Position = Size - 4;
            file.Write([1, 2, 3, 4]);
        }

        string path = Model(TestFolder.External("w", Size, ("location", "x.bin")));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        using OnnxModel model = OnnxModel.Open(path);
        byte[] tail = new byte[4];
        model.DataOf(model.Proto.Graph.Initializer[0]).ReadBytes(Size - 4, tail);
        Assert.True(model.InlineSize() > Size);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
        Assert.Equal([1, 2, 3, 4], tail);
        TestFolder.Refused(() => model.ToBytes(), "2 GiB");
        TestFolder.Refused(() => model.Save(folder.File("out.onnx"), new SaveOptions { Inline = true }), "2 GiB");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50 << 20);
        Assert.Equal(["m.onnx", "x.bin"], folder.Names);
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private string Model(params TensorProto[] initializers) => folder.Write("m.onnx", TestFolder.Model(initializers));
}
