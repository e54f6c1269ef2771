using System.Diagnostics;
using System.Text.Json;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Bench.Train;

/// <summary>Our side, in a process of its own.</summary>
internal static class Child
{
    public static void Run(string folder, int steps, int threads)
    {
        using OnnxModel model = OnnxModel.Open(Path.Combine(folder, "model.onnx"));
        SharedConstants.Separate(model);
        string input = ModelInput.Of(model)[0].Name;
        Dictionary<string, RuntimeTensor> Batch(int i) => new()
        {
            [input] = NpyFile.Read(Path.Combine(folder, $"x{i}.npy")),
            [CrossEntropy.Labels] = NpyFile.Read(Path.Combine(folder, $"y{i}.npy")),
        };
        var example = new Dictionary<string, RuntimeTensor> { [input] = Batch(0)[input] };
        TrainableModel trainable = TrainableModel.Of(model, example, new ParameterFilter());
        long parameters = trainable.Parameters.Sum(p => p.Count);
        using ITrainingEngine engine = Engines.Open(
            Engines.Default,
            trainable,
            new CrossEntropy(null),
            new UpdateOptions { Optimizer = new AdamW(0.9, 0.95), WeightDecay = 0.1, MaxNorm = 1 },
            new OrtSessionOptions { Optimization = GraphOptimization.All, Threads = threads });
        double[] losses = new double[steps], seconds = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            Dictionary<string, RuntimeTensor> batch = Batch(i);
            long start = Stopwatch.GetTimestamp();
            losses[i] = engine.Accumulate([batch])[0];
            engine.Update(i + 1, 3e-4 * Math.Min(1, (i + 1) / 20.0));
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        double peak = PeakMemory.MegabytesOf("self")!.Value;
        File.WriteAllText(Path.Combine(folder, "ours.json"), JsonSerializer.Serialize(new { parameters, losses, seconds, peak_mb = peak }));
    }
}
