using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>The same plan gives the same bytes, whatever surrounds it.</summary>
public sealed class SameBytesTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Threads_folders_locales_and_time_zones_do_not_show(bool external)
    {
        using (OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx")))
        {
            model.Save(_cli.PathOf("source.onnx"), new SaveOptions { ExternalThreshold = external ? 1 : null });
        }

        // Random parts, rounded ones and decimals: noise in decibels.
        string[] plan = ["--hidden", "96", "--layers", "5", "--method", "hypercloning", "--noise-db", "10.5", "--seed", "7", "--no-verify"];
        Directory.CreateDirectory(_cli.PathOf("one"));
        Assert.Equal(0, _cli.Run(["grow", "source.onnx", .. plan, "-o", "one/grown.onnx", "--save-plan", "one/plan.json"]).Exit);
        string[] wanted = Hashes("one", external);
        (string, string)[][] surroundings =
        [
            [("DOTNET_PROCESSOR_COUNT", "1")],
            [("DOTNET_PROCESSOR_COUNT", "7")],
            [("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8"), ("TZ", "Asia/Kathmandu")],
            [("LC_ALL", "de_DE.UTF-8"), ("LANG", "de_DE.UTF-8"), ("TZ", "America/St_Johns")],
        ];
        Directory.CreateDirectory(_cli.PathOf("other/deep"));
        foreach ((string, string)[] environment in surroundings)
        {
            // From another folder, the source by another path.
            CommandLine.Result run = _cli.RunWith(environment, "other", ["grow", "../source.onnx", .. plan, "--force", "-o", "deep/grown.onnx", "--save-plan", "deep/plan.json"]);
            Assert.True(run.Exit == 0, run.Error);
            Assert.Equal(wanted, Hashes("other/deep", external));
        }
    }

    private string[] Hashes(string folder, bool external)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(_cli.PathOf(folder)).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(external ? ["grown.onnx", "grown.onnx.data", "plan.json"] : ["grown.onnx", "plan.json"], names);
        return [.. names.Select(name => ContentHash.Sha256OfFile(Path.Combine(_cli.PathOf(folder), name)))];
    }
}
