using System.Diagnostics;
using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>Models that ask for files that are not theirs: by links, by other names, by what comes to a path afterwards.</summary>
public sealed class HostilePathTests : IDisposable
{
    private static readonly byte[] Secret = [6, 6, 6, 6];

    private readonly TestFolder folder = new();
    private readonly TestFolder outside = new();

    public HostilePathTests() => outside.Write("secret.bin", Secret);

    public void Dispose()
    {
        folder.Dispose();
        outside.Dispose();
    }

    [Fact]
    public void The_message_names_the_tensor_and_the_rule()
    {
        TestFolder.Refused(Model("../x.bin"), "m.onnx", "'w'", "'../x.bin'", "'..'", "folder");
        TestFolder.Refused(Model("/etc/passwd"), "'w'", "absolute", "relative");
        TestFolder.Refused(Model("file:///x"), "'w'", "colon");
    }

    [Fact]
    public void Text_that_is_no_text_is_refused()
    {
        // Half of a pair of surrogates, as UTF-8 would have it: what is shown and what is opened could differ.
        byte[] bytes = TestFolder.Model(TestFolder.External("w", 4, ("location", "xyz.bin"))).ToByteArray();
        new byte[] { 0xED, 0xA0, 0x80 }.CopyTo(bytes, bytes.AsSpan().IndexOf("xyz"u8));
        TestFolder.Refused(folder.Write("m.onnx", bytes), "not UTF-8");
    }

    [Fact]
    public void Names_in_messages_are_cut_and_cannot_act()
    {
        string evil = "\u001b]0;title\u0007\u001b[2J\u202e\u2028\u0085" + new string('n', 1 << 20);
        TensorProto tensor = TestFolder.External(evil, 4, ("location", "gone.bin"));
        string message = TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(tensor)), "gone.bin", "\\u001b", "\\u202e", "\\u2028", "\\u0085", "...");
        Assert.DoesNotContain(message, char.IsControl);
        Assert.DoesNotContain('\u202e', message);
    }

    [Fact]
    public void Things_that_are_no_files_are_refused_before_they_are_opened()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Run("mkfifo", folder.File("pipe"));
        File.CreateSymbolicLink(folder.File("link-to-pipe"), "pipe");
        Directory.CreateDirectory(folder.File("sub"));
        foreach (string location in new[] { "pipe", "link-to-pipe" })
        {
            TestFolder.Refused(Model(location), "'w'", "not a regular file");
        }

        TestFolder.Refused(Model("sub"), "'w'", "is a folder");
        File.CreateSymbolicLink(folder.File("null"), "/dev/null");
        TestFolder.Refused(Model("null"), "leads out");
        TestFolder.Refused(() => ContentHash.Sha256OfFile("/dev/zero"), "device or a pipe");
        TestFolder.Refused(() => ContentHash.Sha256OfFile(folder.File("pipe")), "device or a pipe");
        TestFolder.Refused(() => ContentHash.Sha256OfFile(folder.File("sub")), "folder");
    }

    [Fact]
    public void A_cache_of_links_is_read_and_a_link_that_leaves_it_is_not()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // As huggingface_hub lays it out: snapshots/COMMIT/... are links to blobs/HASH, the model's own file too.
        Directory.CreateDirectory(folder.File("hub/models--a--b/blobs"));
        Directory.CreateDirectory(folder.File("hub/models--a--b/snapshots/c0ffee/onnx/sub"));
        Directory.CreateDirectory(folder.File("hub/models--other/blobs"));
        folder.Write("hub/models--a--b/blobs/bb", [1, 2, 3, 4]);
        folder.Write("hub/models--other/blobs/bb", Secret);
        void Link(string location, string target) => File.CreateSymbolicLink(folder.File($"hub/models--a--b/snapshots/c0ffee/onnx/{location}"), target);
        Link("model.onnx", "../../../blobs/aa");
        Link("model.onnx_data", "../../../blobs/bb");
        Link("sub/more_data", "../../../../blobs/bb");
        Link("other_data", "../../../../models--other/blobs/bb");
        Link("secret_data", outside.File("secret.bin"));
        Link("up_data", "../../../blobs/../../models--other/blobs/bb");
        string path = folder.File("hub/models--a--b/snapshots/c0ffee/onnx/model.onnx");
        foreach (string location in new[] { "model.onnx_data", "sub/more_data" })
        {
            folder.Write("hub/models--a--b/blobs/aa", TestFolder.Model(TestFolder.External("w", 4, ("location", location))));
            using OnnxModel model = OnnxModel.Open(path);
            Assert.Equal([1, 2, 3, 4], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        }

        foreach (string location in new[] { "other_data", "secret_data", "up_data" })
        {
            folder.Write("hub/models--a--b/blobs/aa", TestFolder.Model(TestFolder.External("w", 4, ("location", location))));
            TestFolder.Refused(path, "'w'", "leads out");
        }
    }

    [Fact]
    public void Hard_links_are_refused_unless_they_are_allowed()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string path = Model("x.bin");
        Run("ln", outside.File("secret.bin"), folder.File("x.bin"));
        TestFolder.Refused(path, "'w'", "x.bin", "hard link", "--allow-hard-links");
        var allowed = new ReadLimits { AllowHardLinks = true };
        using (OnnxModel model = OnnxModel.Open(path, allowed))
        {
            Assert.Equal(Secret, TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        }

        // The model itself was named by the caller.
        Run("ln", path, folder.File("again.onnx"));
        File.Delete(outside.File("secret.bin"));
        OnnxModel.Open(folder.File("again.onnx")).Dispose();
    }

    public static TheoryData<string> Swaps => ["another file", "a link", "a pipe", "a hard link", "a second name", "a folder by a link"];

    [Theory]
    [MemberData(nameof(Swaps))]
    public void What_comes_to_a_path_after_its_check_is_not_read(string swap)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Directory.CreateDirectory(folder.File("d"));
        folder.Write("d/x.bin", [1, 2, 3, 4]);
        using OnnxModel model = OnnxModel.Open(Model("d/x.bin"));
        TensorData data = model.DataOf(model.Proto.Graph.Initializer[0]);
        string path = folder.File("d/x.bin");
        switch (swap)
        {
            case "another file":
                folder.Write("y.bin", Secret);
                File.Move(folder.File("y.bin"), path, overwrite: true);
                break;
            case "a link":
                File.Delete(path);
                File.CreateSymbolicLink(path, outside.File("secret.bin"));
                break;
            case "a pipe":
                File.Delete(path);
                Run("mkfifo", path);
                break;
            case "a hard link":
                File.Delete(path);
                Run("ln", outside.File("secret.bin"), path);
                break;
            case "a second name":
                Run("ln", path, outside.File("also.bin"));
                break;
            default:
                Directory.Move(folder.File("d"), folder.File("old"));
                outside.Write("x.bin", Secret);
                Directory.CreateSymbolicLink(folder.File("d"), outside.Path);
                break;
        }

        string message = Assert.Throws<BadInputException>(() => TestFolder.BytesOf(data)).Message;
        Assert.Contains("x.bin", message, StringComparison.Ordinal);
        Assert.True(message.Contains("replaced", StringComparison.Ordinal) || message.Contains("cannot be opened", StringComparison.Ordinal), message);
    }

    [Fact]
    public void A_model_may_be_its_own_data_file_and_ranges_may_overlap_but_saving_never_writes_into_what_it_reads()
    {
        TensorProto whole = TestFolder.External("whole", 8, ("location", "m.onnx"), ("offset", "0"), ("length", "8"));
        TensorProto part = TestFolder.External("part", 4, ("location", "m.onnx"), ("offset", "2"), ("length", "4"));
        string path = folder.Write("m.onnx", TestFolder.Model(whole, part));
        byte[] before = File.ReadAllBytes(path);
        using (OnnxModel model = OnnxModel.Open(path))
        {
            Assert.Equal(before[..8], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
            Assert.Equal(before[2..6], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[1])));
            model.Save(path);
        }

        using OnnxModel saved = OnnxModel.Open(path);
        Assert.Equal(before[..8], TestFolder.BytesOf(saved.DataOf(saved.Proto.Graph.Initializer[0])));
        Assert.Equal(before[2..6], TestFolder.BytesOf(saved.DataOf(saved.Proto.Graph.Initializer[1])));
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private string Model(string location) => folder.Write("m.onnx", TestFolder.Model(TestFolder.External("w", 4, ("location", location))));
}
