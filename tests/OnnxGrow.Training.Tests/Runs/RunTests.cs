using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Runs;
using OnnxGrow.Training.States;
using Xunit;

namespace OnnxGrow.Training.Tests.Runs;

/// <summary>Whole runs on a small decoder and a text that repeats itself.</summary>
public sealed class RunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnxgrow-run-").FullName;

    public RunTests()
    {
        File.WriteAllText(PathOf("text.txt"), string.Concat(Enumerable.Range(0, 200).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        WriteRecipe();
    }

    [Fact]
    public void The_loss_goes_down_and_the_trained_model_has_it()
    {
        RunResult result = Train("a.onnx");
        Assert.True(result.Last!.ValidationLoss < result.First!.ValidationLoss - 1, $"{result.First.ValidationLoss} -> {result.Last.ValidationLoss}");
        IReadOnlyList<LogEntry> log = TrainingLog.Read(PathOf("a.onnx.log.jsonl"));
        Assert.Equal(12, log.Count(e => e.Loss is not null));
        Assert.Equal([0L, 6, 12], log.Where(e => e.ValidationLoss is not null).Select(e => e.Step));

        // The file begins where the run ended: a run on it with no rate has the same validation loss.
        WriteRecipe(rate: "0");
        RunResult again = TrainingRun.Run(new RunOptions { Model = PathOf("a.onnx"), Recipe = PathOf("recipe.yaml"), Output = PathOf("b.onnx") });
        Assert.Equal(result.Last.ValidationLoss, again.First!.ValidationLoss);
        Assert.Equal(again.First.ValidationLoss, again.Last!.ValidationLoss);
    }

    [Fact]
    public void A_run_carried_on_is_the_same_to_the_last_bit()
    {
        Train("whole.onnx");
        Train("cut.onnx");

        // As after a kill behind step 8: checkpoints after it are gone, the log ends in the middle of a line.
        string folder = PathOf("cut.onnx.checkpoints");
        foreach (string file in Directory.GetFiles(folder).Where(f => !f.Contains("0004", StringComparison.Ordinal)))
        {
            File.Delete(file);
        }

        File.WriteAllText(Path.Combine(folder, "step-00000008.safetensors"), "half of a file");
        string[] lines = File.ReadAllLines(PathOf("cut.onnx.log.jsonl"));
        File.WriteAllText(PathOf("cut.onnx.log.jsonl"), string.Join('\n', lines[..10]) + "\n{\"step\":9,\"lo");
        File.Delete(PathOf("cut.onnx"));
        Train("cut.onnx", resume: true);
        Assert.Equal(Losses("whole.onnx"), Losses("cut.onnx"));
        Assert.Equal(File.ReadAllBytes(PathOf("whole.onnx")), File.ReadAllBytes(PathOf("cut.onnx")));
    }

    [Fact]
    public void Stopping_writes_a_checkpoint_to_carry_on_from()
    {
        Train("whole.onnx");
        using var stop = new CancellationTokenSource();
        var observer = new StopAt(5, stop);
        Assert.ThrowsAny<OperationCanceledException>(() => Train("cut.onnx", observer: observer, cancellation: stop.Token));
        Assert.False(File.Exists(PathOf("cut.onnx")));
        Train("cut.onnx", resume: true);
        Assert.Equal(Losses("whole.onnx"), Losses("cut.onnx"));
    }

    [Fact]
    public void Several_small_batches_are_one_large_one()
    {
        WriteRecipe(batch: 8);
        Train("one.onnx");
        WriteRecipe(batch: 4, more: "accumulate: 2");
        Train("two.onnx");
        double[] one = Trained("one.onnx"), two = Trained("two.onnx");
        Assert.All(one.Zip(two), pair => Assert.Equal(pair.First, pair.Second, 3));
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_with_the_last_good_checkpoint()
    {
        WriteRecipe(rate: "1e30");
        string message = Assert.Throws<CannotTrainException>(() => Train("a.onnx")).Message;
        Assert.Contains("step", message, StringComparison.Ordinal);
        Assert.Contains("batch", message, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("a.onnx")));
    }

    [Fact]
    public void Rates_of_split_columns_ask_for_a_model_that_says_how_it_was_grown()
    {
        File.WriteAllText(PathOf("split.yaml"), File.ReadAllText(PathOf("recipe.yaml")).Replace("optimizer: {", "optimizer: {split_rate: true, ", StringComparison.Ordinal));
        using (GrowthJob job = GrowthJob.Open(Repository.Model("gpt2-mini-op17.onnx")))
        using (GrownModel grown = Grower.Grow(job.Map, Planner.Plan(job.Map, new GrowthRequest { Hidden = 96, Method = "net2net" })))
        {
            PlanMetadata.SetSourceGraph(grown);
            GrowthJob.WriteUnverified(grown, PathOf("big.onnx"));
        }

        LogEntry[] With(string model, string recipe, string output)
        {
            TrainingRun.Run(new RunOptions { Model = model, Recipe = PathOf(recipe), Output = PathOf(output) });
            return [.. TrainingLog.Read(PathOf(output + ".log.jsonl")).Where(e => e.Loss is not null)];
        }

        LogEntry[] whole = With(PathOf("big.onnx"), "recipe.yaml", "whole.onnx");
        LogEntry[] split = With(PathOf("big.onnx"), "split.yaml", "split.onnx");
        Assert.Equal(whole[0].Loss, split[0].Loss);
        Assert.NotEqual(whole[^1].Loss, split[^1].Loss);
        Assert.True(split[^1].Loss < split[0].Loss - 0.5);
        string message = Assert.Throws<BadInputException>(() => With(Repository.Model("gpt2-mini-op17.onnx"), "split.yaml", "none.onnx")).Message;
        Assert.Contains("holds no plan", message, StringComparison.Ordinal);
        Assert.Contains("split_rate", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_is_not_lost_unasked()
    {
        Train("a.onnx");
        Assert.Contains("--resume", Assert.Throws<BadInputException>(() => Train("a.onnx")).Message, StringComparison.Ordinal);
        WriteRecipe(rate: "0.5");
        Assert.Contains("another model or recipe", Assert.Throws<BadInputException>(() => Train("a.onnx", resume: true)).Message, StringComparison.Ordinal);
        Assert.Contains("is the model that is trained", Assert.Throws<BadInputException>(() =>
            TrainingRun.Run(new RunOptions { Model = PathOf("a.onnx"), Recipe = PathOf("recipe.yaml"), Output = PathOf("a.onnx"), Force = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_goes_on_with_the_state_of_another()
    {
        // Twelve steps at one rate are twelve more after them, with state and steps taken over: the moments do not begin anew.
        WriteRecipe(kind: "adamw", more: "");
        Train("first.onnx");
        string state = Path.Combine(PathOf("first.onnx.checkpoints"), "step-00000012.safetensors");
        RunResult with = TrainingRun.Run(new RunOptions { Model = PathOf("first.onnx"), Recipe = PathOf("recipe.yaml"), Output = PathOf("with.onnx"), State = state });
        RunResult without = TrainingRun.Run(new RunOptions { Model = PathOf("first.onnx"), Recipe = PathOf("recipe.yaml"), Output = PathOf("without.onnx") });
        Assert.Equal(with.First!.ValidationLoss, without.First!.ValidationLoss);
        Assert.NotEqual(with.Last!.ValidationLoss, without.Last!.ValidationLoss);
        using SafetensorsFile last = SafetensorsFile.Open(Path.Combine(PathOf("with.onnx.checkpoints"), "step-00000012.safetensors"));
        Assert.Equal("24", last.Texts["step"]);
    }

    [Fact]
    public void A_run_that_grows_in_the_middle_goes_on_without_a_spike()
    {
        WriteRecipe(steps: 40);
        Train("small.onnx");
        string state = Path.Combine(PathOf("small.onnx.checkpoints"), "step-00000040.safetensors");
        using (GrowthJob job = GrowthJob.Open(PathOf("small.onnx")))
        using (GrownModel grown = Grower.Grow(job.Map, Planner.Plan(job.Map, new GrowthRequest { Hidden = 96, Method = "net2net" })))
        using (OptimizerState small = OptimizerState.Open(state, job.Model))
        {
            GrowthJob.WriteUnverified(grown, PathOf("big.onnx"));
            StateGrowth.Write(grown, small, PathOf("big.safetensors"));
        }

        // Both go on for the same steps, at the same small rate, on the same batches.
        WriteRecipe(rate: "0.0002", schedule: "constant");
        double[] On(string model, string output, string? with)
        {
            TrainingRun.Run(new RunOptions { Model = PathOf(model), Recipe = PathOf("recipe.yaml"), Output = PathOf(output), State = with });
            return Trained(output);
        }

        double[] without = On("small.onnx", "a.onnx", state), grew = On("big.onnx", "b.onnx", PathOf("big.safetensors"));
        double[] anew = On("big.onnx", "c.onnx", null);
        Assert.Equal(without[0], grew[0], 4);
        double Worst(double[] run) => run.Zip(without, (r, w) => r - w).Max();
        Assert.True(Worst(grew) < 0.02, $"with its state the loss rises by up to {Worst(grew)}");
        Assert.True(Worst(anew) > Worst(grew), $"without state by {Worst(anew)}, with it by {Worst(grew)}");
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd")]
    [InlineData("lion")]
    [InlineData("muon")]
    public void Every_optimizer_learns(string kind)
    {
        WriteRecipe(rate: kind == "sgd" ? "0.1" : "0.003", kind: kind);
        RunResult result = Train("a.onnx");
        Assert.True(result.Last!.ValidationLoss < result.First!.ValidationLoss, $"{kind}: {result.First.ValidationLoss} -> {result.Last.ValidationLoss}");
    }

    [Fact]
    public void Weights_can_be_frozen_by_name()
    {
        WriteRecipe(more: "freeze: ['transformer.h.*']");
        Train("a.onnx");
        using OnnxModel before = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        using OnnxModel after = OnnxModel.Open(PathOf("a.onnx"));
        foreach ((TensorProto a, TensorProto b) in before.Proto.Graph.Initializer.Zip(after.Proto.Graph.Initializer))
        {
            byte[] left = new byte[before.DataOf(a).ByteLength], right = new byte[left.Length];
            before.DataOf(a).ReadBytes(0, left);
            after.DataOf(b).ReadBytes(0, right);
            Assert.Equal(a.Name.StartsWith("transformer.w", StringComparison.Ordinal) || a.Name.StartsWith("transformer.ln_f", StringComparison.Ordinal), !left.SequenceEqual(right));
        }
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private RunResult Train(string output, bool resume = false, IRunObserver? observer = null, CancellationToken cancellation = default) => TrainingRun.Run(
        new RunOptions { Model = Repository.Model("gpt2-mini-op17.onnx"), Recipe = PathOf("recipe.yaml"), Output = PathOf(output), Resume = resume }, observer, cancellation);

    private double[] Trained(string output) =>
        [.. TrainingLog.Read(PathOf(output + ".log.jsonl")).Select(e => e.Loss).OfType<double>()];

    private double[] Losses(string output) =>
        [.. TrainingLog.Read(PathOf(output + ".log.jsonl")).Select(e => e.Loss ?? e.ValidationLoss!.Value)];

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void WriteRecipe(string rate = "0.003", int batch = 4, string kind = "adamw", string more = "", int steps = 12, string schedule = "cosine") => File.WriteAllText(PathOf("recipe.yaml"), $$"""
        data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 32, batch: {{batch}}, validation: 0.1, seed: 3}
        loss: {kind: causal-lm}
        optimizer: {kind: {{kind}}, lr: {{rate}}, weight_decay: 0.01}
        schedule: {kind: {{schedule}}, warmup: 2}
        steps: {{steps}}
        clip: 1.0
        threads: 1
        evaluate: {every: 6, batches: 2}
        checkpoint: {every: 4, keep: 3}
        {{more}}
        """);

    private sealed class StopAt(long step, CancellationTokenSource source) : IRunObserver
    {
        public void Begin(RunSummary summary, long from, long steps)
        {
        }

        public void Logged(LogEntry entry)
        {
            if (entry.Step == step)
            {
                source.Cancel();
            }
        }
    }
}
