using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class SaveTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_in_the_middle_leaves_the_old_files_and_nothing_else(bool external)
    {
        using OnnxModel old = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("old", 1000)));
        var options = new SaveOptions { ExternalThreshold = external ? 1 : null };
        old.Save(folder.File("m.onnx"), options);
        string[] names = [.. folder.Names];
        byte[][] contents = [.. names.Select(name => File.ReadAllBytes(folder.File(name)))];
        Assert.Equal(external ? 2 : 1, names.Length);

        TensorProto tensor = TestFolder.Ramp("w", 1);
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("v", 5000), tensor));
        var data = new FailingData(20 << 20, 11 << 20);
        model.SetData(tensor, data);
        tensor.Dims[0] = data.Count;
        Assert.Throws<InvalidTimeZoneException>(() => model.Save(folder.File("m.onnx"), options));
        Assert.Equal(names, folder.Names);
        Assert.Equal(contents, names.Select(name => File.ReadAllBytes(folder.File(name))));

        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => old.Save(folder.File("m.onnx"), options with { Cancellation = stop.Token }));
        Assert.Equal(names, folder.Names);
    }

    [Fact]
    public void Saving_over_its_own_files_is_safe()
    {
        string path = folder.Write("m.onnx", TestFolder.Model(TestFolder.Ramp("w", 100_000), TestFolder.Ramp("v", 7)));
        byte[] before = File.ReadAllBytes(path);
        using OnnxModel model = OnnxModel.Open(path);
        model.Save(path);
        model.Save(path);
        Assert.Equal(before, File.ReadAllBytes(path));

        // From inline to external, over itself, and again from what is now two files.
        model.Save(path, new SaveOptions { ExternalThreshold = 100 });
        using OnnxModel external = OnnxModel.Open(path);
        external.Save(path);
        external.Save(path);
        Assert.Equal(["m.onnx", "m.onnx.data"], folder.Names);
        using OnnxModel again = OnnxModel.Open(path);
        Assert.Equal(before, again.ToBytes());
        Assert.Equal(before, external.ToBytes());
        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void The_bytes_do_not_depend_on_the_number_of_threads()
    {
        TensorProto tensor = TestFolder.Ramp("w", 1);
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(tensor, TestFolder.Ramp("v", 3000)));
        var data = new FailingData(30 << 20, long.MaxValue);
        model.SetData(tensor, data);
        tensor.Dims[0] = data.Count;
        foreach (long? threshold in new long?[] { null, 1 })
        {
            model.Save(folder.File("m.onnx"), new SaveOptions { MaxParallelism = 1, ExternalThreshold = threshold });
            string[] one = [.. folder.Names.Select(name => ContentHash.Sha256OfFile(folder.File(name)))];
            model.Save(folder.File("m.onnx"), new SaveOptions { MaxParallelism = 7, ExternalThreshold = threshold });
            Assert.Equal(one, folder.Names.Select(name => ContentHash.Sha256OfFile(folder.File(name))));
        }

        using OnnxModel saved = OnnxModel.Open(folder.File("m.onnx"));
        Assert.Equal(model.ToBytes(), saved.ToBytes());
    }

    [Fact]
    public void A_model_too_large_for_protobuf_gets_a_file_beside_it()
    {
        const long Size = 1536L << 20;
        TensorProto first = TestFolder.Ramp("a", 1);
        TensorProto second = TestFolder.Ramp("b", 1);
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(first, second, TestFolder.Ramp("small", 3)));
        foreach (TensorProto tensor in new[] { first, second })
        {
            model.SetData(tensor, new FailingData(Size, 0));
            tensor.Dims[0] = Size;
        }

        Assert.InRange(model.InlineSize(), 2 * Size, (2 * Size) + 1000);
        ModelLayout layout = ModelWriter.Choose(
            model.Proto, new TensorSource(null, model.Payloads, null), new SaveOptions(), "m.onnx.data", "m.onnx");
        Assert.Equal(2 * Size, Assert.Single(layout.Data).Plan.Length);
        Assert.True(layout.Model.Length < 1000);

        // Not a byte of it can be read: the room for it is reserved, then given back.
        Assert.Throws<InvalidTimeZoneException>(() => model.Save(folder.File("m.onnx")));
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void Targets_that_are_no_files_are_refused()
    {
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 5)));
        TestFolder.Refused(() => model.Save(folder.Path), "is a folder");
        TestFolder.Refused(() => model.Save(folder.File("x/")), "is a folder");
        TestFolder.Refused(() => model.Save(string.Empty), "cannot be written");
        TestFolder.Refused(() => model.Save("a\0b"), "cannot be written");
        TestFolder.Refused(() => model.Save(folder.File("m.onnx"), new SaveOptions { DataFileName = "../x", ExternalThreshold = 1 }), "data file");
        TestFolder.Refused(() => model.Save(folder.File("m.onnx"), new SaveOptions { DataFileName = "M.onnx", ExternalThreshold = 1 }), "name of the model");
        folder.Write("file", [1]);
        TestFolder.Refused(() => model.Save(folder.File("file/m.onnx")), "cannot be written");
        if (OperatingSystem.IsLinux())
        {
            TestFolder.Refused(() => model.Save("/dev/null"), "device");
            TestFolder.Refused(() => model.Save("/proc/m.onnx"), "cannot be written");
        }

        Assert.Equal(["file"], folder.Names);
        model.Save(folder.File("new/folder/m.onnx"));
        Assert.True(File.Exists(folder.File("new/folder/m.onnx")));
    }

    [Fact]
    public void A_link_is_replaced_and_what_it_leads_to_stays()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        folder.Write("real.onnx", [1, 2, 3]);
        File.CreateSymbolicLink(folder.File("m.onnx"), "real.onnx");
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 5)));
        model.Save(folder.File("m.onnx"));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.File("real.onnx")));
        Assert.Null(new FileInfo(folder.File("m.onnx")).LinkTarget);
    }

    // Element i is i modulo 251; a read that reaches the given byte fails.
    private sealed class FailingData(long count, long failsAt) : TensorData
    {
        public override ElementType ElementType => ElementType.UInt8;

        public override long Count => count;

        public override void ReadBytes(long byteOffset, Span<byte> destination)
        {
            if (byteOffset + destination.Length > failsAt)
            {
                throw new InvalidTimeZoneException();
            }

            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = (byte)((byteOffset + i) % 251);
            }
        }
    }
}
