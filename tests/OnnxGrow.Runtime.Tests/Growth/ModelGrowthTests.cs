using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Every model of the project by every growth, each proved on all three levels, from the file as it was written.</summary>
public class ModelGrowthTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string path in Repository.Models)
        {
            foreach ((string name, _) in GrowthCases.All)
            {
                data.Add(Path.GetFileName(path), name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Holds(string file, string growth)
    {
        using var job = GrowthJob.Open(Repository.Model(file));
        GrowthPlan plan = job.Bind(Planner.Plan(job.Map, GrowthCases.All.Single(c => c.Name == growth).Request));
        if (file.StartsWith("bert", StringComparison.Ordinal) && growth == "width x4/3")
        {
            Assert.Contains("nearest lossless widths: 48, 96, 144", Assert.Throws<CannotGrowException>(() => Grower.Grow(job.Map, plan)).Message, StringComparison.Ordinal);
            return;
        }

        using GrownModel grown = Grower.Grow(job.Map, plan);
        using var folder = new TemporaryFolder();
        string output = folder.File("grown.onnx");
        grown.Model.Save(output);
        EquivalenceReport report = job.Prove(grown, output, new EquivalenceOptions { MaxLength = 9 });
        Assert.True(report.Certificate!.Passed, report.Certificate.Text);
        Assert.Equal(Verdict.Equivalent, report.Witness!.Verdict);
        Assert.True(report.Witness.RequiredTolerance <= 1e-12, report.Summary);
        Assert.Equal(Verdict.Equivalent, report.AsShipped!.Verdict);
        Assert.Equal(Verdict.Equivalent, report.Verdict);
        if (plan.Dimensions.IsEmpty && !file.StartsWith("bert", StringComparison.Ordinal))
        {
            // Depth alone without Post-LN adds exact zeros (rule 4.1). Runtimes may still fuse the longer graph otherwise.
            Assert.Equal(Exactness.BitExact, grown.Exactness);
            Assert.Equal(0, report.Witness.RequiredTolerance);
        }
    }
}
