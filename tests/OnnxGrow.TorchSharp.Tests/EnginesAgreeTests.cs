using OnnxGrow.Runtime;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;
using Xunit;
using Xunit.Abstractions;

namespace OnnxGrow.TorchSharp.Tests;

/// <summary>Both engines train alike: the same losses and gradients, and the same loss curves over many steps.</summary>
public sealed class EnginesAgreeTests(ITestOutputHelper output)
{
    private const int Steps = 50;

    public static TheoryData<string> Models =>
        ["bert-mini-op12.onnx", "bert-mini-op17.onnx", "gpt2-mini-op12.onnx", "gpt2-mini-op17.onnx", "vit-mini-op12.onnx", "vit-mini-op17.onnx"];

    [TorchTheory]
    [MemberData(nameof(Models))]
    public void The_gradients_are_the_same(string file)
    {
        using var shared = new EngineCase(file, labelSmoothing: 0.1);

        // After the first step the sum of gradients is the gradient itself.
        var options = new UpdateOptions { Optimizer = new Sgd() };
        using ITrainingEngine ort = shared.Engine(Engines.Default, options);
        using ITrainingEngine torch = shared.Engine(Engines.TorchSharp, options);
        Assert.Equal(ort.DataInputs.Order(), torch.DataInputs.Order());
        Assert.Equal(ort.TensorNames, torch.TensorNames);
        Close(ort.Accumulate(shared.Data), torch.Accumulate(shared.Data), 1e-5, file);
        double norm = ort.Update(1, 0);
        Assert.Equal(1, torch.Update(1, 0) / norm, 1e-5);
        foreach (Parameter parameter in shared.Parameters)
        {
            string state = parameter.Name + "/" + Sgd.Buffer;
            if (ort.TensorNames.Contains(state))
            {
                // Rounding of what cancels (a key's bias moves no attention) is as large as the sums it is left of.
                double[] expected = ort.Read(state).ToDoubles();
                double[] actual = torch.Read(state).ToDoubles();
                double size = Math.Max(Math.Sqrt(expected.Sum(g => g * g)), 1e-3 * norm);
                double difference = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum());
                Assert.True(difference <= 2e-5 * size, $"{file}: the gradient of {parameter.Name} differs by {difference:g3} of {size:g3}");
            }
        }
    }

    [TorchTheory]
    [MemberData(nameof(Models))]
    public void The_loss_curves_are_the_same(string file) => Compare(file, new UpdateOptions { Optimizer = new AdamW(), WeightDecay = 0.1, MaxNorm = 1 }, 1e-3);

    [TorchTheory]
    [InlineData("momentum", 1e-2)]
    [InlineData("nesterov", 1e-2)]
    [InlineData("lion", 1e-5)]
    [InlineData("muon", 1e-3)]
    public void So_they_are_with_other_optimizers(string optimizer, double rate)
    {
        IOptimizer rule = optimizer switch
        {
            "momentum" => new Sgd(),
            "nesterov" => new Sgd(0.9, true),
            "lion" => new Lion(),
            _ => new Muon(new AdamW()),
        };
        Compare("gpt2-mini-op17.onnx", new UpdateOptions { Optimizer = rule, WeightDecay = 0.1, MaxNorm = 1 }, rate);
    }

    private void Compare(string file, UpdateOptions options, double rate)
    {
        // Smoothed labels keep the loss away from zero, where its own rounding is more than the tolerance.
        using var shared = new EngineCase(file, labelSmoothing: 0.1);
        using ITrainingEngine ort = shared.Engine(Engines.Default, options);
        using ITrainingEngine torch = shared.Engine(Engines.TorchSharp, options);
        double[] expected = Train(ort, shared, rate);
        double[] actual = Train(torch, shared, rate);
        Assert.True(expected[^1] < expected[0] - 0.01, $"{file} learns nothing: {expected[0]} to {expected[^1]}");
        double worst = Close(expected, actual, 1e-4, file);
        output.WriteLine($"{file}: {expected[0]:f4} to {expected[^1]:f4}, the curves differ by {worst:g3} at most");
        (double loss, double count, double correct) = ort.Evaluate(shared.Data[0]);
        (double otherLoss, double otherCount, double otherCorrect) = torch.Evaluate(shared.Data[0]);
        Assert.Equal(loss, otherLoss, 1e-4 * Math.Abs(loss));
        Assert.Equal(count, otherCount);
        Assert.Equal(correct, otherCorrect);
    }

    private static double[] Train(ITrainingEngine engine, EngineCase shared, double rate)
    {
        var losses = new List<double>();
        for (int step = 1; step <= Steps; step++)
        {
            IReadOnlyDictionary<string, RuntimeTensor>[] batches = [shared.Data[step % shared.Data.Count], shared.Data[(step + 1) % shared.Data.Count]];
            losses.AddRange(engine.Accumulate(batches));
            engine.Update(step, rate);
        }

        return [.. losses];
    }

    private static double Close(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        double worst = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            double difference = Math.Abs(expected[i] - actual[i]) / Math.Abs(expected[i]);
            Assert.True(difference <= tolerance, $"{what}: loss {i} is {expected[i]:R} on ONNX Runtime and {actual[i]:R} on TorchSharp");
            worst = Math.Max(worst, difference);
        }

        return worst;
    }
}
