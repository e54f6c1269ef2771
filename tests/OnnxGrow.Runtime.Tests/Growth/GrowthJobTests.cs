using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

public sealed class GrowthJobTests
{
    private static readonly GrowthRequest Wider = new() { Hidden = 96, Layers = 4 };

    [Fact]
    public void A_plan_of_the_job_is_the_planners_tied_to_the_source()
    {
        using GrowthJob job = GrowthJob.Open(Repository.Model("bert-mini-op17.onnx"));
        GrowthPlan plan = job.Plan(Wider);
        Assert.NotNull(plan.SourceSha256);
        Assert.Equal(PlanFile.ToJson(Planner.Plan(job.Map, Wider) with { SourceSha256 = plan.SourceSha256 }), PlanFile.ToJson(plan));
        Assert.Throws<CannotGrowException>(() => job.Grow(job.Plan(new GrowthRequest { Hidden = 64 })));
    }

    [Fact]
    public void A_plan_for_another_source_is_not_followed_and_one_for_none_is_tied()
    {
        using GrowthJob bert = GrowthJob.Open(Repository.Model("bert-mini-op17.onnx"));
        using GrowthJob gpt = GrowthJob.Open(Repository.Model("gpt2-mini-op17.onnx"));
        GrowthPlan plan = bert.Plan(Wider);
        BadInputException refused = Assert.Throws<BadInputException>(() => gpt.Grow(plan));
        Assert.Contains(plan.SourceSha256!, refused.Message, StringComparison.Ordinal);

        using GrownModel grown = bert.Grow(Planner.Plan(bert.Map, Wider));
        Assert.Equal(plan.SourceSha256, grown.Plan.SourceSha256);
    }

    [Fact]
    public void What_is_written_with_nothing_said_of_the_proof_is_proved_in_full()
    {
        using var folder = new TemporaryFolder();
        using GrowthJob job = GrowthJob.Open(Repository.Model("bert-mini-op17.onnx"));
        using GrownModel grown = job.Grow(job.Plan(Wider));
        GrowthResult result = job.WriteVerified(grown, folder.File("grown.onnx"));
        Assert.True(result.Written);
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.NotNull(result.Report!.Certificate);
        Assert.NotNull(result.Report.Witness);
        Assert.NotNull(result.Report.AsShipped);
    }
}
