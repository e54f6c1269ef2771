using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>
/// Every model by one growth of width, heads, FFN and every stack of layers at once, proved on all three levels from the
/// file as it was written. What does not go through is listed with the words that say why: nothing is left out in silence.
/// </summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, Expectation> Others = new(StringComparer.Ordinal)
    {
        // Quantised weights are rounded already, and a copy shared out would be rounded another way.
        ["gpt-qdq.onnx"] = new(Refused: "grow the float model first"),
        ["gpt-nbits-ms.onnx"] = new(Refused: "grow the float model first"),

        // Operators that ONNX Runtime has for a GPU only.
        ["bert-packed-attention-ms.onnx"] = new(NotRun: "Could not find an implementation for RemovePadding"),
        ["bert-packed-heads-ms.onnx"] = new(NotRun: "Could not find an implementation for RemovePadding"),

        // Types that ONNX Runtime has no kernels for; the witness stands alone.
        ["gpt2-bf16-mini-op16.onnx"] = new(NotRun: "Could not find an implementation for Add"),
        ["gpt2-bf16-mini-op17.onnx"] = new(NotRun: "Could not find an implementation for Add"),
        ["vit-f64-mini-op12.onnx"] = new(NotRun: "Could not find an implementation for Conv"),
        ["vit-f64-mini-op17.onnx"] = new(NotRun: "Could not find an implementation for Conv"),
    };

    public static TheoryData<string> Models() =>
        [.. Repository.AllModels.Select(m => Path.GetRelativePath(Repository.Model(""), m).Replace('\\', '/'))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Grows_in_all_sizes_at_once(string file)
    {
        Expectation expected = Others.GetValueOrDefault(Path.GetFileName(file), new Expectation());
        using var job = GrowthJob.Open(Repository.Model(file));
        GrowthPlan? plan = CoverageCases.Together(job.Map);
        Assert.NotNull(plan);
        plan = job.Bind(plan);
        if (expected.Refused is { } refused)
        {
            Assert.Contains(refused, Assert.Throws<CannotGrowException>(() => Grower.Grow(job.Map, plan)).Message, StringComparison.Ordinal);
            return;
        }

        using GrownModel grown = Grower.Grow(job.Map, plan);
        using var folder = new TemporaryFolder();
        string output = folder.File("grown.onnx");
        grown.Model.Save(output);
        EquivalenceReport report = job.Prove(grown, output, new EquivalenceOptions { MaxLength = 12 });
        Assert.True(report.Certificate is { Ran: true, Passed: true }, report.Certificate!.Text);
        Level(report.Witness!, null, report.Summary);
        Level(report.AsShipped!, expected.NotRun, report.Summary);
        Assert.True(report.Witness!.RequiredTolerance <= 1e-12, report.Summary);
    }

    [Fact]
    public void Every_model_of_the_list_is_there()
    {
        string[] files = [.. Repository.AllModels.Select(m => Path.GetFileName(m))];
        Assert.All(Others.Keys, name => Assert.Contains(name, files));
        Assert.True(Models().Count >= 100, $"only {Models().Count} models");
    }

    private static void Level(LevelReport level, string? why, string summary)
    {
        Assert.True(level.Verdict == (why is null ? Verdict.Equivalent : Verdict.NotVerified), $"{summary}: {level.Reason}");
        Assert.Contains(why ?? "", level.Reason ?? "", StringComparison.Ordinal);
    }

    /// <summary>What a growth comes to where not all holds: words of the message.</summary>
    private sealed record Expectation(string? Refused = null, string? NotRun = null);
}
