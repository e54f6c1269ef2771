using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>Work that is told to stop stops where it is, wherever that is, and leaves nothing.</summary>
public sealed class CancellationTests : IDisposable
{
    private readonly TestFolder folder = new();

    public CancellationTests() => WriteStep.Hook = null;

    public void Dispose()
    {
        WriteStep.Hook = null;
        folder.Dispose();
    }

    public static TheoryData<string, int> Points
    {
        get
        {
            var points = new TheoryData<string, int>();
            foreach (string step in new[] { "create", "reserve", "write", "flush", "write back" })
            {
                points.Add(step, 1);
                points.Add(step, 2);
            }

            // A file of 40 MiB is flushed bit by bit.
            points.Add("write", 17);
            points.Add("write back", 4);
            return points;
        }
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void Writing_stops_at_the_step_where_it_is_told_to(string at, int time)
    {
        if (at == "write back" && !OperatingSystem.IsLinux())
        {
            return;
        }

        using OnnxModel model = Large();
        using var stop = new CancellationTokenSource();
        int seen = 0;
        var after = new List<string>();
        WriteStep.Hook = step =>
        {
            if (stop.IsCancellationRequested)
            {
                after.Add(step);
            }
            else if (step == at && ++seen == time)
            {
                stop.Cancel();
            }
        };
        Assert.ThrowsAny<OperationCanceledException>(() => model.Save(folder.File("m.onnx"), new SaveOptions { ExternalThreshold = 1, MaxParallelism = 1, Cancellation = stop.Token }));
        WriteStep.Hook = null;
        Assert.Empty(folder.Names);

        // The step itself may go on to its end; no other of the work follows, but for what cleaning up takes.
        Assert.DoesNotContain("rename", after);
        Assert.DoesNotContain("write back", after);
        Assert.True(after.Count(s => s is "write" or "flush") <= 1, string.Join(' ', after));
    }

    [Fact]
    public void Progress_says_where_it_was_stopped()
    {
        using OnnxModel model = Large();
        using var stop = new CancellationTokenSource();
        var progress = new WorkProgress();
        WriteStep.Hook = step =>
        {
            if (step == "write" && progress.Now.Done > progress.Now.Total / 2)
            {
                stop.Cancel();
            }
        };
        Assert.ThrowsAny<OperationCanceledException>(() => model.Save(
            folder.File("m.onnx"), new SaveOptions { ExternalThreshold = 1, MaxParallelism = 1, Cancellation = stop.Token, Progress = progress }));
        WriteStep.Hook = null;
        Assert.InRange(progress.Now.Done, progress.Now.Total / 2, progress.Now.Total * 3 / 4);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void Analysis_and_growth_stop()
    {
        using var stop = new CancellationTokenSource();
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(model, stop.Token);
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = 96, Layers = 5 });
        Grower.Grow(map, plan, stop.Token).Dispose();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => ModelMap.Of(model, stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Grower.Grow(map, plan, stop.Token).Dispose());
    }

    [Fact]
    public void Analysis_stops_between_two_nodes()
    {
        // A constant whose elements the analysis asks for tells it to stop: not a node after that is looked at.
        using var stop = new CancellationTokenSource();
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        string y = g.Node("Reshape", [x, g.Ints("shape", 0, 2, 2)]);
        var later = new Telling([0, 4], () => stop.IsCancellationRequested ? throw new InvalidOperationException("looked at after it was told to stop") : false);
        string z = g.Node("Reshape", [y, g.Ints("later", 0, 4)]);
        g.Output(g.Node("MatMul", [z, g.Weight("w", 0.5, 0, 4, 3)]), "y", ElementType.Float32, "batch", 3);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        var first = new Telling([0, 2, 2], () =>
        {
            stop.Cancel();
            return true;
        });
        model.SetData(model.Proto.Graph.Initializer.Single(t => t.Name.StartsWith("shape", StringComparison.Ordinal)), first);
        model.SetData(model.Proto.Graph.Initializer.Single(t => t.Name.StartsWith("later", StringComparison.Ordinal)), later);
        Assert.ThrowsAny<OperationCanceledException>(() => ModelMap.Of(model, stop.Token));
        Assert.True(stop.IsCancellationRequested);
    }

    private static OnnxModel Large()
    {
        global::Onnx.TensorProto tensor = TestFolder.Ramp("w", 1);
        OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("v", 3000), tensor));
        var data = new MemoryTensorData(ElementType.UInt8, new byte[40 << 20]);
        model.SetData(tensor, data);
        tensor.Dims[0] = data.Count;
        return model;
    }

    private sealed class Telling(long[] values, Func<bool> read) : TensorData
    {
        public override ElementType ElementType => ElementType.Int64;

        public override long Count => values.Length;

        public override void ReadBytes(long start, Span<byte> bytes)
        {
            read();
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(values).Slice((int)start, bytes.Length).CopyTo(bytes);
        }
    }
}
