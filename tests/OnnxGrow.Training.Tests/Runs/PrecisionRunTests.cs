using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Runs;
using OnnxGrow.Training.Tests.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Runs;

/// <summary>Whole runs in float16, which ONNX Runtime computes on the CPU between casts.</summary>
public sealed class PrecisionRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PrecisionRunTests() =>
        File.WriteAllText(_folder.File("text.txt"), string.Concat(Enumerable.Range(0, 200).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fifty_steps_stay_near_those_of_float32()
    {
        LogEntry[] wide = Train("wide.onnx", Recipe("", 50)), narrow = Train("narrow.onnx", Recipe("precision: float16", 50));
        Assert.DoesNotContain(narrow, e => e.Skipped == true);
        Assert.True(narrow[^1].Loss < narrow[0].Loss - 1);

        // Products rounded to 11 bits (5e-4), over steps that Adam makes of them: 1.1e-3 was measured.
        double worst = wide.Zip(narrow, (w, n) => Math.Abs(w.Loss!.Value - n.Loss!.Value) / w.Loss.Value).Max();
        Assert.InRange(worst, 1e-6, 5e-3);
    }

    [Fact]
    public void An_overflow_is_skipped_and_the_run_recovers()
    {
        // Gradients of this model reach 1 or so: 2^40 times that is beyond float16, 2^16 is not.
        LogEntry[] log = Train("a.onnx", Recipe("precision: float16\nloss_scale: 1099511627776", 40));
        int skipped = log.Count(e => e.Skipped == true);
        Assert.InRange(skipped, 10, 30);
        Assert.All(log[..skipped], e => Assert.True(e.Skipped == true && !double.IsFinite(e.GradientNorm!.Value)));
        Assert.All(log[skipped..], e => Assert.True(e.Skipped is null && double.IsFinite(e.GradientNorm!.Value)));
        Assert.Contains("\"skipped\":true", File.ReadLines(_folder.File("a.onnx.log.jsonl")).ElementAt(1), StringComparison.Ordinal);
        Assert.True(log[^1].Loss < log[0].Loss - 0.5);

        // The state says how many steps were really taken.
        using SafetensorsFile last = SafetensorsFile.Open(Path.Combine(_folder.File("a.onnx.checkpoints"), "step-00000040.safetensors"));
        Assert.Equal($"{40 - skipped}", last.Texts["step"]);
    }

    [Fact]
    public void A_run_carried_on_among_skipped_steps_is_the_same_to_the_last_bit()
    {
        string recipe = Recipe("precision: float16\nloss_scale: 1099511627776", 32);
        Train("whole.onnx", recipe);
        Train("cut.onnx", recipe);
        string checkpoints = _folder.File("cut.onnx.checkpoints");
        foreach (string file in Directory.GetFiles(checkpoints).Where(f => !f.Contains("0016", StringComparison.Ordinal)))
        {
            File.Delete(file);
        }

        Assert.Contains("\"Scale\"", File.ReadAllText(Path.Combine(checkpoints, "step-00000016.json")), StringComparison.Ordinal);
        File.Delete(_folder.File("cut.onnx"));
        Train("cut.onnx", recipe, resume: true);
        Assert.Equal(Losses("whole.onnx"), Losses("cut.onnx"));
        Assert.Equal(File.ReadAllBytes(_folder.File("whole.onnx")), File.ReadAllBytes(_folder.File("cut.onnx")));
    }

    [Fact]
    public void A_loss_that_is_no_number_still_stops_the_run()
    {
        string message = Assert.Throws<CannotTrainException>(() => Train("a.onnx", Recipe("precision: float16", 12, "1e30"))).Message;
        Assert.Contains("the loss is no finite number", message, StringComparison.Ordinal);
        Assert.Contains("batch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scale_that_comes_down_below_one_stops_the_run()
    {
        // The gradient of the output is beyond float16 by itself: no scale mends that.
        var builder = new GraphBuilder(new SplitMix64(1), 17);
        string x = builder.Input("x", ElementType.Float32, "n", 4);
        builder.Output(builder.Node("MatMul", [x, builder.Weight("w", 0.5, 0, 4, 4)]), "y", ElementType.Float32, "n", 4);
        var proto = new ModelProto { IrVersion = 8, Graph = builder.Graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = builder.Opset });
        using (OnnxModel model = OnnxModel.FromProto(proto))
        {
            model.Save(_folder.File("m.onnx"));
        }

        Directory.CreateDirectory(_folder.File("shard"));
        byte[] Floats(float value) => [.. Enumerable.Repeat(BitConverter.GetBytes(value), 32).SelectMany(b => b)];
        File.WriteAllBytes(_folder.File("shard/x.npy"), Fixture.Npy("<f4", Floats(1), 8, 4));
        File.WriteAllBytes(_folder.File("shard/target.npy"), Fixture.Npy("<f4", Floats(1e9f), 8, 4));
        File.WriteAllText(_folder.File("m.yaml"), """
            data: {kind: arrays, files: shard, batch: 4, validation: 0}
            loss: {kind: mse}
            steps: 40
            precision: float16
            checkpoint: {every: 4}
            """);
        string message = Assert.Throws<CannotTrainException>(() => TrainingRun.Run(
            new RunOptions { Model = _folder.File("m.onnx"), Recipe = _folder.File("m.yaml"), Output = _folder.File("o.onnx") })).Message;
        Assert.Contains("step 17", message, StringComparison.Ordinal);
        Assert.Contains("the loss scale has come down below 1", message, StringComparison.Ordinal);
        Assert.Contains("checkpoint is that of step 16", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("precision: bfloat16", "--provider cuda")]
    [InlineData("precision: float8", "must be one of float32, bfloat16 and float16")]
    [InlineData("loss_scale: 1024", "goes with precision: float16")]
    [InlineData("precision: float16\nloss_scale: 0", "from 1")]
    public void What_cannot_be_is_refused_before_the_first_step(string lines, string says)
    {
        string message = Assert.Throws<BadInputException>(() => Train("a.onnx", Recipe(lines, 4))).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("a.onnx.log.jsonl")));
    }

    private LogEntry[] Train(string output, string recipe, bool resume = false)
    {
        TrainingRun.Run(new RunOptions { Model = Repository.Model("gpt2-mini-op17.onnx"), Recipe = recipe, Output = _folder.File(output), Resume = resume });
        return [.. TrainingLog.Read(_folder.File(output + ".log.jsonl")).Where(e => e.Loss is not null)];
    }

    private double[] Losses(string output) =>
        [.. TrainingLog.Read(_folder.File(output + ".log.jsonl")).Select(e => e.Loss ?? e.ValidationLoss!.Value)];

    private string Recipe(string more, int steps, string rate = "0.003")
    {
        string path = _folder.File("recipe.yaml");
        File.WriteAllText(path, $$"""
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 32, batch: 4, validation: 0.1, seed: 3}
            loss: {kind: causal-lm}
            optimizer: {kind: adamw, lr: {{rate}}, weight_decay: 0.01}
            schedule: {kind: cosine, warmup: 2}
            steps: {{steps}}
            clip: 1.0
            threads: 1
            evaluate: {batches: 2}
            checkpoint: {every: 4, keep: 10}
            {{more}}
            """);
        return path;
    }
}
