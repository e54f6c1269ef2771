using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class ReportTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private static string Bert => Repository.Model("bert-mini-op17.onnx");

    public ReportTests() => File.WriteAllText(_cli.PathOf("a.onnx.log.jsonl"), "{\"step\":1,\"loss\":2,\"lr\":0.1,\"grad_norm\":1,\"seconds\":1,\"entries\":8}\n");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_page_is_written_once_and_replaced_only_by_force()
    {
        Assert.Equal((0, "report.html: written\n"), Output("report", "a.onnx"));
        string first = File.ReadAllText(_cli.PathOf("report.html"));
        Assert.Contains("<h1>Training run a</h1>", first, StringComparison.Ordinal);
        (int exit, string error) = Error("report", "a.onnx", "--title", "Other");
        Assert.Equal(2, exit);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllText(_cli.PathOf("report.html")));
        Assert.Equal(0, _cli.Run("report", "a.onnx", "--title", "Other", "--force").Exit);
        Assert.Contains("<h1>Other</h1>", File.ReadAllText(_cli.PathOf("report.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no log 'b.onnx.log.jsonl'", "report", "b.onnx")]
    [InlineData("the folder", "report", "a.onnx", "-o", "missing/page.html")]
    [InlineData("which the command also reads", "report", "a.onnx", "-o", "a.onnx.log.jsonl", "--force")]
    [InlineData("a page goes to a file", "report", "a.onnx", "-o", "-")]
    [InlineData("that is a folder", "report", "a.onnx", "-o", ".")]
    public void What_cannot_be_says_what_would_be_right(string expected, params string[] args)
    {
        (int exit, string error) = Error(args);
        Assert.Equal(2, exit);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(["a.onnx.log.jsonl"], _cli.Files);
    }

    [Fact]
    public void Growth_and_comparison_have_pages_too()
    {
        Assert.Equal(0, _cli.Run("grow", Bert, "--heads", "4", "-o", "grown.onnx", "--report", "growth.html").Exit);
        string growth = File.ReadAllText(_cli.PathOf("growth.html"));
        Assert.Contains("As shipped: equivalent", growth, StringComparison.Ordinal);
        Assert.Contains("What the new weights came from", growth, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("verify", Bert, "grown.onnx", "--report", "compared.html").Exit);
        Assert.Contains("Error by layer", File.ReadAllText(_cli.PathOf("compared.html")), StringComparison.Ordinal);
        (int exit, string error) = Error("grow", Bert, "--heads", "5", "-o", "other.onnx", "--report", "growth.html");
        Assert.Equal(2, exit);
        Assert.Contains("it is there already", error, StringComparison.Ordinal);
        Assert.DoesNotContain("other.onnx", _cli.Files);
    }

    [Fact]
    public void The_same_runs_give_the_same_page()
    {
        Assert.Equal(0, _cli.Run("report", "a.onnx", "-o", "1.html").Exit);
        Assert.Equal(0, _cli.Run("report", "a.onnx", "-o", "2.html").Exit);
        Assert.Equal(File.ReadAllBytes(_cli.PathOf("1.html")), File.ReadAllBytes(_cli.PathOf("2.html")));
    }

    private (int Exit, string Text) Output(params string[] args)
    {
        CommandLine.Result result = _cli.Run(args);
        return (result.Exit, result.Output);
    }

    private (int Exit, string Text) Error(params string[] args)
    {
        CommandLine.Result result = _cli.Run(args);
        return (result.Exit, result.Error);
    }
}
