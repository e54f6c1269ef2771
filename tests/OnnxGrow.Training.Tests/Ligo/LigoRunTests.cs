using System.Text.Json.Nodes;
using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Ligo;
using OnnxGrow.Training.Runs;
using Xunit;

namespace OnnxGrow.Training.Tests.Ligo;

/// <summary>Learning operators on a text that repeats itself, and what is written then.</summary>
public sealed class LigoRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnxgrow-ligo-").FullName;

    public LigoRunTests()
    {
        File.WriteAllText(PathOf("text.txt"), string.Concat(Enumerable.Range(0, 200).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        WriteRecipe("0.01");
    }

    [Theory]
    [InlineData(LigoStart.Lossless, LigoTying.Paper)]
    [InlineData(LigoStart.Lossless, LigoTying.Code)]
    [InlineData(LigoStart.Paper, LigoTying.Paper)]
    [InlineData(LigoStart.Paper, LigoTying.None)]
    public void The_grown_model_has_the_loss_that_was_learned(LigoStart start, LigoTying tying)
    {
        LigoResult result = Learn("grown.onnx", new LigoOptions { Start = start, Tying = tying, Seed = 2 });
        Assert.True(result.LossAfter < result.LossBefore, $"{result.LossBefore} -> {result.LossAfter}");
        Assert.Equal(5, result.Steps);
        Assert.False(result.KeptStart);

        // The source's own loss, where the start is lossless; and the written file has the loss that the run ended with.
        if (start == LigoStart.Lossless)
        {
            Assert.Equal(LossOf(Repository.Model("gpt2-mini-op17.onnx")), result.LossBefore!.Value, 4);
        }

        Assert.Equal(result.LossAfter!.Value, LossOf(PathOf("grown.onnx")), 4);
        using OnnxModel grown = OnnxModel.Open(PathOf("grown.onnx"));
        Assert.Equal("ligo", PlanMetadata.Read(grown.Proto)!.Method);
        Assert.Contains(grown.Proto.MetadataProps, p => p.Key == PlanMetadata.VerdictKey && p.Value == "lossy by design (ligo)");
        JsonNode learned = JsonNode.Parse(grown.Proto.MetadataProps.First(p => p.Key == LigoRun.Metadata).Value)!;
        Assert.Equal(result.LossAfter, (double?)learned["loss_after"]);
        Assert.Equal(5, (long?)learned["steps"]);
    }

    [Fact]
    public void What_learning_makes_worse_is_left_at_its_start()
    {
        WriteRecipe("1");
        LigoResult result = Learn("grown.onnx", new LigoOptions());
        Assert.True(result.KeptStart, $"{result.LossBefore} -> {result.LossLearned}");
        Assert.Equal(result.LossBefore!.Value, LossOf(PathOf("grown.onnx")), 4);
    }

    [Fact]
    public void Learned_weights_are_projected_onto_the_lossless_ones()
    {
        using GrowthJob job = GrowthJob.Open(Repository.Model("gpt2-mini-op17.onnx"));
        GrowthPlan plan = Planner.Plan(job.Map, new GrowthRequest { Hidden = 64, Layers = 4 });
        LigoRun.Run(job, plan, Options("learned.onnx"), new LigoOptions());
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(plan with { Init = new InitFile(PathOf("learned.onnx"), null) }));
        GrowthResult result = job.WriteVerified(grown, PathOf("projected.onnx"), new Runtime.EquivalenceOptions());
        Assert.Equal(Verdict.Equivalent, result.Report!.Verdict);
        Assert.Equal(LossOf(Repository.Model("gpt2-mini-op17.onnx")), LossOf(PathOf("projected.onnx")), 4);

        // No lossless weights are nearer to what was learned: not those that learning began with, and others still less.
        using GrownModel begin = Grower.Grow(job.Map, job.Bind(plan));
        using GrownModel other = Grower.Grow(job.Map, job.Bind(plan with { Seed = 9 }));
        using OnnxModel learned = OnnxModel.Open(PathOf("learned.onnx"));
        double distance = Distance(grown.Model, learned);
        Assert.True(distance < Distance(begin.Model, learned), $"{distance}, and the start is {Distance(begin.Model, learned)} away");
        Assert.True(distance < 0.9 * Distance(other.Model, learned), $"{distance}, and another start is {Distance(other.Model, learned)} away");
    }

    [Fact]
    public void The_same_seed_gives_the_same_file_and_another_another()
    {
        byte[] Learned(string name, ulong seed)
        {
            Learn(name, new LigoOptions { Start = LigoStart.Paper, Seed = seed });
            return File.ReadAllBytes(PathOf(name));
        }

        byte[] one = Learned("a.onnx", 1), again = Learned("b.onnx", 1), other = Learned("c.onnx", 2);
        Assert.Equal(one, again);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void What_is_there_is_not_replaced_unasked_and_nothing_else_is_left()
    {
        Learn("grown.onnx", new LigoOptions());
        Assert.Equal(["grown.onnx", "grown.onnx.log.jsonl", "grown.onnx.run.json", "recipe.yaml", "text.txt"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order());
        Assert.Contains("--force", Assert.Throws<BadInputException>(() => Learn("grown.onnx", new LigoOptions())).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private LigoResult Learn(string output, LigoOptions options)
    {
        using GrowthJob job = GrowthJob.Open(Repository.Model("gpt2-mini-op17.onnx"));
        return LigoRun.Run(job, Planner.Plan(job.Map, new GrowthRequest { Hidden = 64, Layers = 4, Seed = 1 }), Options(output), options);
    }

    private RunOptions Options(string output) =>
        new() { Model = "", Recipe = PathOf("recipe.yaml"), Output = PathOf(output) };

    private double LossOf(string model)
    {
        WriteRecipe("0.01", rate: "0");
        RunResult result = TrainingRun.Run(new RunOptions { Model = model, Recipe = PathOf("recipe.yaml"), Output = PathOf("evaluated.onnx"), Force = true });
        return result.First!.ValidationLoss!.Value;
    }

    private static double Distance(OnnxModel a, OnnxModel b)
    {
        double sum = 0;
        var others = b.Proto.Graph.Initializer.ToDictionary(t => t.Name);
        foreach (TensorProto tensor in a.Proto.Graph.Initializer.Where(t => t.DataType == (int)ElementType.Float32 && others.ContainsKey(t.Name)))
        {
            double[] left = new double[Tensors.CountOf(tensor)], right = new double[left.Length];
            a.DataOf(tensor).ReadDoubles(0, left);
            b.DataOf(others[tensor.Name]).ReadDoubles(0, right);
            sum += left.Zip(right, (l, r) => double.IsFinite(l) && double.IsFinite(r) ? (l - r) * (l - r) : 0).Sum();
        }

        return Math.Sqrt(sum);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void WriteRecipe(string learningRate, string rate = "0.001") => File.WriteAllText(PathOf("recipe.yaml"), $$"""
        data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 32, batch: 4, validation: 0.1, seed: 3}
        loss: {kind: causal-lm}
        optimizer: {lr: {{rate}}, kind: adamw}
        steps: 1
        threads: 1
        evaluate: {batches: 2}
        learn: {steps: 5, optimizer: {lr: {{learningRate}}, kind: adamw}, schedule: {kind: constant} }
        """);
}
