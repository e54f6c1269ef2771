using System.Globalization;
using System.Text.RegularExpressions;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>Exit codes are a promise to scripts: those of the README's table, and what leads to each.</summary>
public sealed partial class ExitCodeTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Gpt => Repository.Model("gpt2-mini-op17.onnx");

    private static string Bert => Repository.Model("bert-mini-op17.onnx");

    public void Dispose() => _cli.Dispose();

    [GeneratedRegex(@"^\| (\d+) \| \S", RegexOptions.Multiline)]
    private static partial Regex Row { get; }

    [Fact]
    public void The_table_in_the_README_has_them_all()
    {
        string table = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).Split("| exit code | meaning |")[1].Split("\n\n")[0];
        Assert.Equal(Enum.GetValues<ExitCode>().Select(c => (int)c), Row.Matches(table).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData(0, "verify GPT GPT")]
    [InlineData(1, "verify GPT BERT")]
    [InlineData(2, "verify GPT no-such-file.onnx")]
    [InlineData(2, "verify GPT")]
    [InlineData(2, "verify GPT GPT --no-such-option")]
    [InlineData(3, "grow BERT --hidden 64 -o grown.onnx")]
    [InlineData(4, "verify GPT GPT --proof certificate")]
    [InlineData(5, "train GPT --recipe recipe.yaml -o trained.onnx")]
    public void A_command_ends_with_it(int code, string line)
    {
        File.WriteAllText(_cli.PathOf("text.txt"), string.Concat(Enumerable.Repeat("some words to train on. ", 50)));
        File.WriteAllText(_cli.PathOf("recipe.yaml"), """
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 16, batch: 2, seed: 3}
            loss: {kind: causal-lm}
            freeze: ["*"]
            steps: 1
            threads: 1
            """);
        CommandLine.Result run = _cli.Run([.. line.Split(' ').Select(w => w == "GPT" ? Gpt : w == "BERT" ? Bert : w)]);
        Assert.True(run.Exit == code, $"{run.Exit}: {run.Output} {run.Error}");
    }
}
