using System.Diagnostics;
using System.Text.RegularExpressions;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>A training run that is killed at any moment and carried on is the run that nothing disturbed, to the last bit.</summary>
public sealed partial class TrainKillTests : IDisposable
{
    private const int Steps = 40;

    private readonly TemporaryFolder _folder = new();

    public TrainKillTests()
    {
        File.WriteAllText(_folder.File("text.txt"), string.Concat(Enumerable.Range(0, 100).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        File.WriteAllText(_folder.File("recipe.yaml"), $$"""
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 16, batch: 2, validation: 0.1, seed: 3}
            loss: {kind: causal-lm}
            optimizer: {kind: adamw, lr: 3e-3, weight_decay: 0.1}
            steps: {{Steps}}
            threads: 1
            evaluate: {every: 5, batches: 1}
            checkpoint: {every: 2, keep: 2}
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Killed_five_times_it_is_the_run_that_nothing_disturbed()
    {
        Run("whole.onnx");
        string checkpoints = _folder.File("cut.onnx.checkpoints");
        bool Staged(string kind) => Directory.Exists(checkpoints) && Directory.EnumerateFileSystemEntries(checkpoints, $".*{kind}*").Any();
        bool Has(int step, string kind) => File.Exists(Path.Combine(checkpoints, $"step-{step:D8}.{kind}"));
        long Lines() => File.Exists(_folder.File("cut.onnx.log.jsonl")) ? new FileInfo(_folder.File("cut.onnx.log.jsonl")).Length : 0;

        // Before anything is there to carry on from; while a checkpoint's tensors are written; between them and what makes it valid;
        // in the middle of steps; and while the trained model is written.
        Func<bool>[] moments =
        [
            () => Lines() > 0,
            () => Has(6, "json") && Staged("safetensors"),
            () => Has(14, "safetensors"),
            () => Has(24, "json") && Lines() > 0,
            () => Has(Steps, "json"),
        ];
        int early = moments.Count(KilledWhen);
        Assert.True(early >= 4, $"{early} of 5 were ended before they were done");
        Run("cut.onnx");
        Assert.Equal(Log("whole.onnx"), Log("cut.onnx"));
        Assert.Equal(File.ReadAllBytes(_folder.File("whole.onnx")), File.ReadAllBytes(_folder.File("cut.onnx")));
        Assert.Equal(Files("whole.onnx"), Files("cut.onnx"));
    }

    /// <summary>Carries the run on, if there is something to carry on, and kills it.</summary>
    private bool KilledWhen(Func<bool> isSo)
    {
        using Process process = Start("cut.onnx");
        while (!process.HasExited && !isSo())
        {
            Thread.SpinWait(50);
        }

        bool early = !process.HasExited;
        process.Kill();
        process.WaitForExit();
        return early;
    }

    private void Run(string output)
    {
        using Process process = Start(output);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private Process Start(string output)
    {
        bool begun = Directory.Exists(_folder.File(output + ".checkpoints")) && Directory.EnumerateFiles(_folder.File(output + ".checkpoints"), "step-*.json").Any();
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _folder.Path, RedirectStandardError = true, RedirectStandardOutput = true };
        string[] args =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll"), "train", Repository.Model("gpt2-mini-op17.onnx"),
            "--recipe", "recipe.yaml", "-o", output, .. begun ? ["--resume"] : Array.Empty<string>(),
        ];
        Array.ForEach(args, start.ArgumentList.Add);
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    /// <summary>The log but for the time that it took.</summary>
    private string[] Log(string output) => [.. File.ReadAllLines(_folder.File(output + ".log.jsonl")).Select(l => Seconds().Replace(l, ""))];

    /// <summary>What lies there, leftovers included, without the output's own name.</summary>
    private string[] Files(string output) =>
        [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*" + output + "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Concat(Directory.EnumerateFileSystemEntries(_folder.File(output + ".checkpoints")))
            .Select(f => Path.GetFileName(f).Replace(output, "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [GeneratedRegex("\"seconds\":[^,}]*,?")]
    private static partial Regex Seconds();
}
