using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>What a user of <c>train</c> meets who makes a mistake, and who makes none.</summary>
public sealed class TrainTests : IDisposable
{
    private const string Recipe = """
        data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 16, batch: 2, validation: 0.1, seed: 3}
        loss: {kind: causal-lm}
        optimizer: {kind: adamw, lr: 1e-3}
        steps: 4
        threads: 1
        evaluate: {batches: 1}
        checkpoint: {every: 2}
        """;

    private readonly CommandLine _cli = new();

    public TrainTests()
    {
        File.WriteAllText(_cli.PathOf("text.txt"), string.Concat(Enumerable.Range(0, 100).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        Write("recipe.yaml", Recipe);
    }

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Help_has_a_recipe_examples_and_exit_codes()
    {
        CommandLine.Result help = _cli.Run("train", "--help");
        Assert.Equal(0, help.Exit);
        Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        Assert.Contains("onnxgrow train grown.onnx --recipe recipe.yaml -o trained.onnx --resume", help.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0 trained, 2 bad input or option, 5", help.Output, StringComparison.Ordinal);
        Assert.Contains("optimizer: {kind: adamw", help.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steps: 4", "steps: 4\nstepz: 3", "recipe 'bad.yaml', line 5, column 1: unknown key 'stepz' (did you mean 'steps'?)")]
    [InlineData("lr: 1e-3", "lrr: 1e-3", "line 3, column 26: unknown key 'lrr' (did you mean 'lr'?)")]
    [InlineData("steps: 4", "steps: many", "recipe 'bad.yaml', line 4, column 8: 'steps' is 'many'; it must be a whole number")]
    [InlineData("kind: adamw", "kind: adam", "'kind' is 'adam' (did you mean 'adamw'?); it must be one of")]
    [InlineData("text.txt", "none.txt", "none.txt' does not exist")]
    [InlineData("sequence: 16", "sequence: 100", "does not run on the first batch of the data ('input_ids' Int64[2, 100] from 32 to 122")]
    [InlineData("steps: 4", "steps: 4\nprecision: bfloat16", "has no MatMul of bfloat16 on the provider 'cpu'")]
    [InlineData("lr: 1e-3", "split_rate: true", "holds no plan")]
    [InlineData("causal-lm", "mse", "the loss takes 'target', and the data have only")]
    public void A_mistake_in_the_recipe_is_told_with_its_place(string from, string to, string says)
    {
        Write("bad.yaml", Recipe.Replace(from, to, StringComparison.Ordinal));
        CommandLine.Result run = _cli.Run("train", Gpt, "--recipe", "bad.yaml", "-o", "out.onnx");
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Exit);
        Assert.Equal(["bad.yaml", "recipe.yaml", "text.txt"], _cli.Files);
    }

    [Theory]
    [InlineData(9999)]
    [InlineData(500)]
    [InlineData(-7)]
    public void A_label_that_is_no_class_is_told_with_its_batch(long label)
    {
        long[] ones = [.. Enumerable.Repeat(1L, 8 * 16)], labels = [.. ones];
        labels[70] = label;
        Directory.CreateDirectory(_cli.PathOf("shard"));
        Npy("shard/input_ids.npy", ones);
        Npy("shard/labels.npy", labels);
        Write("bad.yaml", "data: {kind: arrays, files: shard, batch: 8, validation: 0}\nloss: {kind: causal-lm}\nsteps: 2\n");
        CommandLine.Result run = _cli.Run("train", Gpt, "--recipe", "bad.yaml", "-o", "out.onnx");
        Assert.Contains($"batch 1 (epoch 0, sample 0 on): the label {label} is no class of the model, whose output 'logits' has 500", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Exit);
        Assert.False(File.Exists(_cli.PathOf("out.onnx")));
    }

    [Theory]
    [InlineData(new[] { "--engine", "torchsharp" }, "the engine 'torchsharp' is not part of this build")]
    [InlineData(new[] { "--engine", "jax" }, "unknown engine 'jax'")]
    [InlineData(new[] { "--provider", "tpu" }, "unknown provider 'tpu'")]
    [InlineData(new[] { "--resume" }, "there is no checkpoint in 'out.onnx.checkpoints' to carry on from")]
    [InlineData(new[] { "--resume", "--force" }, "give one of them")]
    [InlineData(new[] { "--state", "none.safetensors" }, "none.safetensors")]
    public void An_option_that_cannot_be_is_told(string[] options, string says)
    {
        if (options[^1] == "torchsharp" && File.Exists(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll")))
        {
            Assert.Equal(0, Train("out.onnx", options).Exit);
            return;
        }

        CommandLine.Result run = Train("out.onnx", options);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Exit);
        Assert.False(File.Exists(_cli.PathOf("out.onnx")));
    }

    [Fact]
    public void A_run_is_neither_lost_unasked_nor_carried_on_with_something_else()
    {
        Assert.Equal(0, Train("out.onnx").Exit);
        string[] files = ["out.onnx", "out.onnx.checkpoints", "out.onnx.log.jsonl", "out.onnx.run.json", "recipe.yaml", "text.txt"];
        Assert.Equal(files, _cli.Files);
        byte[] model = File.ReadAllBytes(_cli.PathOf("out.onnx"));
        Refused(Train("out.onnx"), "carry it on with --resume, or begin anew with --force");
        Refused(_cli.Run("train", Repository.Model("gpt2-mini-op12.onnx"), "--recipe", "recipe.yaml", "-o", "out.onnx", "--resume"), "of another model or recipe");
        Write("recipe.yaml", Recipe + "\n# longer\n");
        Refused(Train("out.onnx", "--resume"), "of another model or recipe");
        Directory.Delete(_cli.PathOf("out.onnx.checkpoints"), true);
        Refused(Train("out.onnx"), "'out.onnx' is there; replace it with --force");
        Assert.Equal(model, File.ReadAllBytes(_cli.PathOf("out.onnx")));
        CommandLine.Result forced = Train("out.onnx", "--force");
        Assert.True(forced.Exit == 0, forced.Error);
        Assert.Equal(model, File.ReadAllBytes(_cli.PathOf("out.onnx")));

        static void Refused(CommandLine.Result run, string says)
        {
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.Equal(2, run.Exit);
        }
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_with_its_own_exit_code()
    {
        Write("recipe.yaml", Recipe.Replace("lr: 1e-3", "lr: 1e30", StringComparison.Ordinal));
        CommandLine.Result run = Train("out.onnx");
        Assert.Equal(5, run.Exit);
        Assert.Contains("no finite number", run.Error, StringComparison.Ordinal);
    }

    private CommandLine.Result Train(string output, params string[] options) => _cli.Run(["train", Gpt, "--recipe", "recipe.yaml", "-o", output, .. options]);

    private void Write(string name, string text) => File.WriteAllText(_cli.PathOf(name), text);

    private void Npy(string name, long[] values)
    {
        string head = "{'descr': '<i8', 'fortran_order': False, 'shape': (8, 16), }\n";
        File.WriteAllBytes(_cli.PathOf(name), [0x93, .. "NUMPY"u8, 1, 0, (byte)head.Length, 0, .. head.Select(c => (byte)c), .. values.SelectMany(BitConverter.GetBytes)]);
    }
}
