using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Runs;
using Xunit;

namespace OnnxGrow.Training.Tests.Runs;

public sealed class RunRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_says_what_it_is_of_and_keeps_saying_so_when_it_is_carried_on()
    {
        File.WriteAllText(_folder.File("text.txt"), string.Concat(Enumerable.Range(0, 200).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        string recipe = """
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 32, batch: 4, validation: 0}
            loss: {kind: causal-lm}
            accumulate: 2
            freeze: ['transformer.wpe.*']
            threads: 1
            checkpoint: {every: 2}
            steps: 4

            """;
        File.WriteAllText(_folder.File("recipe.yaml"), recipe);
        string model = Repository.Model("gpt2-mini-op17.onnx");
        var options = new RunOptions { Model = model, Recipe = _folder.File("recipe.yaml"), Output = _folder.File("out.onnx") };
        using (var stop = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(options, new StopAt(2, stop), stop.Token));
        }

        string text = File.ReadAllText(options.RecordPath);
        Assert.DoesNotContain(_folder.Path, text, StringComparison.Ordinal);
        RunRecord first = RunRecord.Read(options.RecordPath);
        Assert.Equal("gpt2-mini-op17.onnx", first.Model.Name);
        Assert.Equal(ContentHash.Sha256OfFile(model), first.Model.Sha256);
        Assert.Equal(recipe, first.RecipeText);
        Assert.Equal(ContentHash.Sha256OfFile(options.Recipe), first.Recipe.Sha256);
        Assert.Null(first.State);
        Assert.Equal(64 * 48, first.FrozenParameters);
        Assert.Equal(("onnxruntime", "cpu", 1, 2, 4L), (first.Engine, first.Provider, first.Threads, first.BatchesPerStep, first.Steps));
        Assert.Equal(("tokens", 4L, 4L * 32), (first.EntryKind, first.SamplesPerBatch, first.EntriesPerBatch));
        Assert.NotNull(first.Started);
        Assert.Empty(first.Resumed);

        // By hand: in each of 3 layers 12 width^2 for every token and the mixing of heads; the head on 500 tokens.
        const long tokens = 4 * 32, width = 48;
        const long forward = (3 * ((2 * tokens * 12 * width * width) + (2 * 2 * tokens * 32 * width))) + (2 * tokens * width * 500);
        Assert.Equal(forward, first.FlopsForward);
        Assert.Equal(2 * forward, first.FlopsBackward);
        Assert.Equal(2.0 * 3 * forward, first.FlopsPerStep());

        TrainingRun.Run(options with { Resume = true });
        RunRecord second = RunRecord.Read(options.RecordPath);
        Assert.Equal(first.Started, second.Started);
        Assert.Equal([2L], second.Resumed.Select(r => r.Step));
        Assert.Equal(first.Model, second.Model);
    }

    [Fact]
    public void A_record_that_is_damaged_is_refused_by_name()
    {
        string path = _folder.File("a" + RunRecord.Suffix);
        File.WriteAllText(path, "{\"version\": 1");
        Assert.Contains("does not say what a run is of", Assert.Throws<BadInputException>(() => RunRecord.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "{\"version\": 1}");
        Assert.Contains("does not say what a run is of", Assert.Throws<BadInputException>(() => RunRecord.Read(path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

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
