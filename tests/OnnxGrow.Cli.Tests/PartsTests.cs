using System.Diagnostics;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>A growth by several processes gives what one gives.</summary>
public sealed class PartsTests : IDisposable
{
    private static readonly string[] What = [Repository.Model("gpt2-mini-op17.onnx"), "--hidden", "80", "--heads", "5", "--layers", "4", "--seed", "3", "--shard-size", "64KiB"];

    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    private void Part(string part) => Assert.Equal(0, _cli.Run(["grow", .. What, "-o", "m.onnx", "--shard", part]).Exit);

    private Dictionary<string, byte[]> Files(string folder) => Directory.GetFiles(_cli.PathOf(folder))
        .Where(f => Path.GetFileName(f).StartsWith('m'))
        .ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Processes_side_by_side_give_the_bytes_of_one(bool safetensors)
    {
        string[] what = safetensors ? [.. What, "--safetensors"] : What;
        Directory.CreateDirectory(_cli.PathOf("one"));
        Assert.Equal(0, _cli.Run(["grow", .. what, "-o", "one/m.onnx", "--proof", "certificate"]).Exit);

        Process[] processes = [.. Enumerable.Range(1, 3).Select(i => Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll"), "grow", .. what, "-o", _cli.PathOf("m.onnx"), "--shard", $"{i}/3"]) { RedirectStandardOutput = true, RedirectStandardError = true })!)];
        foreach (Process process in processes)
        {
            string text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, text);
            process.Dispose();
        }

        Assert.False(File.Exists(_cli.PathOf("m.onnx")));
        CommandLine.Result finished = _cli.Run(["grow", .. what, "-o", "m.onnx", "--finish", "--proof", "certificate"]);
        Assert.True(finished.Exit == 0, finished.Output + finished.Error);
        Assert.Contains("the certificate holds", finished.Output, StringComparison.Ordinal);
        Dictionary<string, byte[]> one = Files("one");
        Dictionary<string, byte[]> parts = Files("");
        Assert.True(one.Count > 4, "several data files");
        Assert.Equal(one.Keys.Order(StringComparer.Ordinal), parts.Keys.Order(StringComparer.Ordinal));
        Assert.All(one, f => Assert.True(f.Value.AsSpan().SequenceEqual(parts[f.Key]), f.Key));
        Assert.False(Directory.Exists(_cli.PathOf("m.onnx.parts")));
    }

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", "--method stack --layers 6")]
    [InlineData("bert-mini-op17.onnx", "--method bert2bert-aki --hidden 96 --layers 5 --seed 7")]
    [InlineData("bert-mini-op17.onnx", "--method lemon-aki --hidden 96 --layers 5 --seed 7")]
    [InlineData("bert-mini-op17.onnx", "--method random --hidden 96 --layers 5 --seed 7")]
    [InlineData("gpt2-mini-op17.onnx", "--method hypercloning --hidden 96 --noise-db 30 --seed 5")]
    public void Methods_that_lose_or_draw_give_the_bytes_of_one_run_too(string model, string options)
    {
        string[] what = [Repository.Model(model), .. options.Split(' '), "--shard-size", "64KiB"];
        Directory.CreateDirectory(_cli.PathOf("one"));
        CommandLine.Result single = _cli.Run(["grow", .. what, "-o", "one/m.onnx", "--proof", "certificate"]);
        Assert.True(single.Exit == 0, single.Output + single.Error);
        foreach (string part in new[] { "2/3", "3/3", "1/3" })
        {
            CommandLine.Result run = _cli.Run(["grow", .. what, "-o", "m.onnx", "--shard", part, "--threads", "1"]);
            Assert.True(run.Exit == 0, run.Output + run.Error);
        }

        CommandLine.Result finished = _cli.Run(["grow", .. what, "-o", "m.onnx", "--finish", "--proof", "certificate"]);
        Assert.True(finished.Exit == 0, finished.Output + finished.Error);
        Dictionary<string, byte[]> one = Files("one");
        Dictionary<string, byte[]> parts = Files("");
        Assert.True(one.Count > 4, "several data files");
        Assert.Equal(one.Keys.Order(StringComparer.Ordinal), parts.Keys.Order(StringComparer.Ordinal));
        Assert.All(one, f => Assert.True(f.Value.AsSpan().SequenceEqual(parts[f.Key]), f.Key));
    }

    [Fact]
    public void Finishing_replaces_no_file_that_was_there_unless_it_is_told_to()
    {
        // Without a size of shards, the names of the files follow from the number of parts.
        string[] what = [.. What.SkipLast(2)];
        foreach (string part in new[] { "1/3", "2/3", "3/3" })
        {
            Assert.Equal(0, _cli.Run(["grow", .. what, "-o", "m.onnx", "--shard", part]).Exit);
        }

        string name = Directory.GetFiles(_cli.PathOf("m.onnx.parts"), "*.data").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).Last();
        File.WriteAllText(_cli.PathOf(name), "mine");
        CommandLine.Result refused = _cli.Run(["grow", .. what, "-o", "m.onnx", "--finish", "--no-verify"]);
        Assert.Equal(2, refused.Exit);
        Assert.Contains($"'{name}' exists already; give another name, or --force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_cli.PathOf(name)));
        Assert.False(File.Exists(_cli.PathOf("m.onnx")));

        Assert.Equal(0, _cli.Run(["grow", .. what, "-o", "m.onnx", "--finish", "--no-verify", "--force"]).Exit);
        Assert.NotEqual(4, new FileInfo(_cli.PathOf(name)).Length);
    }

    [Fact]
    public void What_is_missing_or_changed_is_named_and_computed_again()
    {
        Assert.Contains("has no parts", Refused(), StringComparison.Ordinal);
        Part("1/3");
        Part("3/3");
        Assert.Contains("1 of 3 parts are missing: 2; compute them with --shard 2/3", Refused(), StringComparison.Ordinal);
        Part("2/3");

        // A changed byte is found by its hash, and only that file is written again.
        string file = Directory.GetFiles(_cli.PathOf("m.onnx.parts"), "*.data").Order(StringComparer.Ordinal).ElementAt(1);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("has other bytes than when it was written; compute it again with --shard 2/3", Refused(), StringComparison.Ordinal);
        CommandLine.Result again = _cli.Run(["grow", .. What, "-o", "m.onnx", "--shard", "2/3"]);
        Assert.Contains("of them were there already", again.Output, StringComparison.Ordinal);

        CommandLine.Result other = _cli.Run(["grow", .. What, "--block", "cancel", "-o", "m.onnx", "--finish"]);
        Assert.Equal(2, other.Exit);
        Assert.Contains("made by another plan", other.Error, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run(["grow", .. What, "-o", "m.onnx", "--finish", "--proof", "certificate"]).Exit);
    }

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("1")]
    [InlineData("a/b")]
    [InlineData("1/2/3")]
    public void Parts_are_numbered_from_one(string part)
    {
        CommandLine.Result run = _cli.Run(["grow", .. What, "-o", "m.onnx", "--shard", part]);
        Assert.Equal(2, run.Exit);
        Assert.Contains("such as 3/8", run.Error, StringComparison.Ordinal);
    }

    private string Refused()
    {
        CommandLine.Result run = _cli.Run(["grow", .. What, "-o", "m.onnx", "--finish", "--proof", "certificate"]);
        Assert.Equal(2, run.Exit);
        Assert.False(File.Exists(_cli.PathOf("m.onnx")));
        return run.Error;
    }
}
