using System.Diagnostics;
using OnnxGrow.Testing;
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
