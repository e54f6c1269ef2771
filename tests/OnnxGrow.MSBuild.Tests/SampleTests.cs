using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>The sample under tools/samples, built as a user builds it, in a folder whose name has a space.</summary>
public sealed class SampleTests : IDisposable
{
    private const string Skipped = "Skipping target \"OnnxGrowRun\"";

    private readonly TemporaryFolder _folder = new();
    private readonly string _project;
    private readonly string _small;
    private readonly string _grown;
    private readonly string _beside;

    public SampleTests()
    {
        _project = Directory.CreateDirectory(_folder.File("a sample")).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tools", "samples", "build-step")))
        {
            File.Copy(file, Path.Combine(_project, Path.GetFileName(file)));
        }

        _small = Path.Combine(_project, "small.onnx");
        _grown = Path.Combine(_project, "obj", "Debug", "net10.0", "onnxgrow", "small.onnx");
        _beside = Path.Combine(_project, "bin", "Debug", "net10.0", "small.onnx");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_grown_once_and_again_when_the_metadata_changes_and_is_gone_after_a_clean()
    {
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _small);
        string log = _folder.File("first.binlog");
        Built first = Build("build", "-bl:" + log).Succeeded();
        Assert.Contains("small.onnx -> " + _grown + " (equivalent (class B1, exact weights))", first.Text, StringComparison.Ordinal);
        Assert.Contains("grown: small from small.onnx: equivalent", first.Text, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_grown), File.ReadAllBytes(_beside));
        Assert.Contains("certificate  holds", Built.Run(_project, "msbuild", log, "-v:d").Text, StringComparison.Ordinal);

        DateTime made = File.GetLastWriteTimeUtc(_grown);
        long size = new FileInfo(_grown).Length;
        Built second = Build("build", "-v:d").Succeeded();
        Assert.Contains(Skipped, second.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Task \"GrowOnnxModel\"", second.Text, StringComparison.Ordinal);
        Assert.Equal(made, File.GetLastWriteTimeUtc(_grown));

        Built third = Build("build", "-v:d", "-p:Hidden=144", "-p:Proof=certificate").Succeeded();
        Assert.DoesNotContain(Skipped, third.Text, StringComparison.Ordinal);
        Assert.Contains("Task \"GrowOnnxModel\"", third.Text, StringComparison.Ordinal);
        Assert.True(new FileInfo(_grown).Length > size);
        Assert.Equal(File.ReadAllBytes(_grown), File.ReadAllBytes(_beside));

        Build("clean").Succeeded();
        Assert.False(File.Exists(_beside));
        Assert.False(Directory.Exists(Path.GetDirectoryName(_grown)));
        Assert.True(File.Exists(_small));
    }

    [Fact]
    public void A_model_that_cannot_grow_fails_the_build_at_its_name_and_leaves_nothing()
    {
        File.Copy(Repository.Model("bert-mini-op17.onnx"), _small);
        Build("build", "-p:Hidden=64").FailedWith("small.onnx : error OG3", "nearest lossless widths: 48, 96, 144", "[" + Path.Combine(_project, "Sample.csproj"));
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(_grown)!));
        Assert.False(File.Exists(_beside));
    }

    [Fact]
    public void A_growth_that_fails_leaves_no_older_model_behind()
    {
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _small);
        Bare("-t:OnnxGrowModels", "-p:Proof=certificate").Succeeded();
        Assert.True(File.Exists(_grown));
        Bare("-t:OnnxGrowModels", "-p:Hidden=49").FailedWith("small.onnx : error OG3", "--hidden 49");
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(_grown)!));
    }

    [Fact]
    public void It_does_nothing_where_it_is_switched_off_or_a_design_time_build_asks()
    {
        foreach (string off in (string[])["-p:OnnxGrowEnabled=false", "-p:DesignTimeBuild=true"])
        {
            Bare("-t:OnnxGrowModels", off).Succeeded();
            Assert.False(Directory.Exists(Path.GetDirectoryName(_grown)));
        }
    }

    private Built Build(string verb, params string[] more) => Built.Run(_project, [verb, .. Built.FromSource, "-p:SmallModel=small.onnx", "-p:UseSharedCompilation=false", .. more]);

    // Neither restored nor compiled.
    private Built Bare(params string[] more) => Built.Run(_project, ["msbuild", .. Built.FromSource, "-p:SmallModel=small.onnx", "-p:Configuration=Debug", .. more]);
}
