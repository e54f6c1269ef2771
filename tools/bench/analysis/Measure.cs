using System.Diagnostics;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;

namespace OnnxGrow.Bench.Analysis;

/// <summary>Takes the time of every stage from a file to a grown graph.</summary>
internal static class Measure
{
    public static (int Nodes, IReadOnlyList<(string Stage, double Seconds, double Cpu)> Stages) Of(string path)
    {
        var stages = new List<(string Stage, double Seconds, double Cpu)>();
        var watch = Stopwatch.StartNew();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        void Lap(string stage)
        {
            stages.Add((stage, watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds));
            watch.Restart();
            cpu = Environment.CpuUsage.TotalTime;
        }

        using OnnxModel model = OnnxModel.Open(path);
        Lap("open");
        ModelMap map = ModelMap.Of(model);
        Lap("map");
        ModelSummary.Of(map);
        Lap("summary");
        IReadOnlyList<Growability> growth = Growability.Of(map);
        Lap("growability");
        stages.Add(("= inspect", stages.Sum(s => s.Seconds), stages.Sum(s => s.Cpu)));
        if (map.Layers.Count == 0 || !growth.Any(g => g.CanGrow))
        {
            throw new InvalidOperationException("the model has no layers, or nothing of it can grow");
        }

        watch.Restart();
        cpu = Environment.CpuUsage.TotalTime;
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = map.Hidden!.Extent * 2, Layers = map.Layers.Count + 1 });
        Lap("plan x2, +1 layer");
        using GrownModel grown = Grower.Grow(map, plan);
        Lap("grow");
        return (map.Graph.Nodes.Count, stages);
    }
}
