using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>A data file that only the replaced model used goes once the new model stands, and no sooner; no other file goes.</summary>
public sealed class StaleDataTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly OnnxModel old = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("old", 900), TestFolder.Ramp("older", 700)));
    private readonly OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 1000), TestFolder.Ramp("v", 500)));

    public StaleDataTests() => WriteStep.Hook = null;

    public void Dispose()
    {
        WriteStep.Hook = null;
        model.Dispose();
        old.Dispose();
        folder.Dispose();
    }

    public static TheoryData<string> Forms => ["one file", "shards", "safetensors", "safetensors shards"];

    private static SaveOptions Options(string form) => new()
    {
        ExternalThreshold = 1,
        Safetensors = form.StartsWith("safetensors", StringComparison.Ordinal),
        ShardBytes = form.EndsWith("shards", StringComparison.Ordinal) ? 3000 : null,
        MaxParallelism = 1,
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_only_the_replaced_model_used_is_removed(string form)
    {
        old.Save(folder.File("m.onnx"), Options(form));
        Assert.Equal(form.EndsWith("shards", StringComparison.Ordinal) ? 3 : 2, folder.Names.Count());
        model.Save(folder.File("m.onnx"));
        Assert.Equal(["m.onnx"], folder.Names);
        Holds(model);
    }

    [Fact]
    public void Fewer_shards_leave_none_of_more()
    {
        old.Save(folder.File("m.onnx"), Options("shards"));
        model.Save(folder.File("m.onnx"), Options("one file"));
        Assert.Equal(["m.onnx", "m.onnx.data"], folder.Names);
        Holds(model);
    }

    [Fact]
    public void What_another_model_or_an_open_one_uses_stays()
    {
        // Another model of the folder.
        old.Save(folder.File("m.onnx"), Options("one file"));
        File.Copy(folder.File("m.onnx"), folder.File("other.onnx"));
        model.Save(folder.File("m.onnx"));
        Assert.Equal(["m.onnx", "m.onnx.data", "other.onnx"], folder.Names);
        File.Delete(folder.File("other.onnx"));

        // One that cannot be read: nobody knows what it uses.
        old.Save(folder.File("m.onnx"), Options("one file"));
        folder.Write("broken.onnx", [1, 2, 3]);
        model.Save(folder.File("m.onnx"));
        Assert.Equal(["broken.onnx", "m.onnx", "m.onnx.data"], folder.Names);
        File.Delete(folder.File("broken.onnx"));

        // The source of what is written, which may lie elsewhere and reach the file by a link.
        old.Save(folder.File("m.onnx"), Options("one file"));
        using (OnnxModel source = OnnxModel.Open(folder.File("m.onnx")))
        {
            source.Save(folder.File("m.onnx"), new SaveOptions { Inline = true });
        }

        Assert.Equal(["m.onnx", "m.onnx.data"], folder.Names);
        File.Delete(folder.File("m.onnx.data"));
        Holds(old);
    }

    [Fact]
    public void Files_of_other_names_links_and_files_nobody_named_stay()
    {
        old.Save(folder.File("m.onnx"), Options("one file") with { DataFileName = "weights.bin" });
        folder.Write("m.onnx.data", [1]);
        folder.Write("m.onnx-00001-of-00002.data", [2]);
        model.Save(folder.File("m.onnx"));
        Assert.Equal(["m.onnx", "m.onnx-00001-of-00002.data", "m.onnx.data", "weights.bin"], folder.Names);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.Delete(folder.File("m.onnx.data"));
        old.Save(folder.File("m.onnx"), Options("one file"));
        File.Move(folder.File("m.onnx.data"), folder.File("kept.data"));
        File.CreateSymbolicLink(folder.File("m.onnx.data"), "kept.data");
        model.Save(folder.File("m.onnx"));
        Assert.Contains("m.onnx.data", folder.Names);
        Assert.Contains("kept.data", folder.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_every_step_the_old_pair_stands_or_the_new_model_and_the_next_run_removes_what_is_left(bool ends)
    {
        Reset();
        var order = new List<string>();
        WriteStep.Hook = order.Add;
        model.Save(folder.File("m.onnx"), new SaveOptions { MaxParallelism = 1 });
        WriteStep.Hook = null;
        Assert.True(order.IndexOf("delete data") > order.LastIndexOf("rename"), string.Join(' ', order));
        Assert.True(order.IndexOf("note") < order.IndexOf("rename"), string.Join(' ', order));
        int steps = order.Count;
        int left = 0;
        for (int at = 1; at <= steps; at++)
        {
            Reset();
            int step = 0;
            WriteStep.Hook = _ =>
            {
                if (++step == at || (ends && step > at))
                {
                    throw new IOException("injected");
                }
            };
            Record.Exception(() => model.Save(folder.File("m.onnx"), new SaveOptions { MaxParallelism = 1 }));
            WriteStep.Hook = null;
            string what = $"step {at} of {steps} ({order[at - 1]})";
            bool isNew;
            using (OnnxModel now = OnnxModel.Open(folder.File("m.onnx")))
            {
                isNew = now.ToBytes().AsSpan().SequenceEqual(model.ToBytes());
                Assert.True(isNew || now.ToBytes().AsSpan().SequenceEqual(old.ToBytes()), what);
            }

            bool there = File.Exists(folder.File("m.onnx.data"));
            Assert.True(isNew || there, what);
            left += isNew && there ? 1 : 0;
            OutputStage.Recover(folder.File("m.onnx"));
            string[] expected = isNew ? ["m.onnx"] : ["m.onnx", "m.onnx.data"];
            Assert.True(expected.SequenceEqual(folder.Names), $"{what}: {string.Join(' ', folder.Names)}");
        }

        Assert.True(left > 0, "some steps leave the file to the next run");
    }

    private void Reset()
    {
        foreach (string name in folder.Names.ToArray())
        {
            if (Directory.Exists(folder.File(name)))
            {
                Directory.Delete(folder.File(name), recursive: true);
            }
            else
            {
                File.Delete(folder.File(name));
            }
        }

        old.Save(folder.File("m.onnx"), Options("one file"));
    }

    private void Holds(OnnxModel expected)
    {
        using OnnxModel now = OnnxModel.Open(folder.File("m.onnx"));
        Assert.Equal(expected.ToBytes(), now.ToBytes());
    }
}
