using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Shrinking from file to file.</summary>
public sealed class ShrinkJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static void Grow(string source, string output, GrowthRequest request)
    {
        using var job = GrowthJob.Open(source);
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(Planner.Plan(job.Map, request)));
        GrowthJob.WriteUnverified(grown, output);
    }

    [Fact]
    public void What_comes_back_is_proved_and_the_source()
    {
        string grown = _folder.File("grown.onnx");
        string small = _folder.File("small.onnx");
        Grow(Repository.Model("gpt2-mini-op17.onnx"), grown, new GrowthRequest { Hidden = 64, Layers = 4 });
        ShrinkResult result = ShrinkJob.Run(grown, small, false, new EquivalenceOptions { MaxLength = 8 });
        Assert.Equal(ShrinkOutcome.SameFile, result.Outcome);
        Assert.True(result.Written);
        Assert.True(result.Certificate.Passed, result.Certificate.Text);
        Assert.Equal(Verdict.Equivalent, result.Report!.Verdict);
        Assert.True(result.Inverted > 20);
        Assert.Equal(File.ReadAllBytes(Repository.Model("gpt2-mini-op17.onnx")), File.ReadAllBytes(small));
    }

    [Theory]
    [InlineData("model.onnx", ShrinkOutcome.SameFile)]
    [InlineData("renamed.onnx", ShrinkOutcome.SameTensors)]
    public void Weights_in_files_of_their_own_come_back_there(string name, ShrinkOutcome expected)
    {
        Directory.CreateDirectory(_folder.File("a"));
        Directory.CreateDirectory(_folder.File("b"));
        string source = _folder.File("a/model.onnx");
        string grown = _folder.File("grown.onnx");
        string small = _folder.File("b/" + name);
        using (OnnxModel model = OnnxModel.Open(Repository.Model("vit-mini-op17.onnx")))
        {
            model.Save(source, new SaveOptions { ExternalThreshold = 1024 });
        }

        Grow(source, grown, new GrowthRequest { Hidden = 96, Layers = 4 });
        ShrinkResult result = ShrinkJob.Run(grown, small, false, null);
        Assert.Equal(expected, result.Outcome);
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Equal(File.ReadAllBytes(source + ".data"), File.ReadAllBytes(small + ".data"));
    }

    [Fact]
    public void Outputs_that_cannot_be_are_refused_before_anything_is_shrunk()
    {
        string grown = _folder.File("grown.onnx");
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), grown);
        Assert.Contains("that is the grown model", Assert.Throws<BadInputException>(() => ShrinkJob.Run(grown, grown, true, null)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("there.onnx"), "");
        Assert.Contains("--force", Assert.Throws<BadInputException>(() => ShrinkJob.Run(grown, _folder.File("there.onnx"), false, null)).Message, StringComparison.Ordinal);
    }
}
