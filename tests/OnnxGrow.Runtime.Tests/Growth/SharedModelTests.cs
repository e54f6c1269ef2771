using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Models from other hands, where their folder is beside the checkout; the tests say that they were skipped where it is not.</summary>
public class SharedModelTests
{
    [SharedModelsTheory]
    [InlineData("bert_toy_mlm_nsp.onnx", 64, 8)]
    [InlineData("bert_toy_mlm_nsp.onnx", 32, 6)]
    [InlineData("gpt2_megatron_1layer.onnx", 40, 2)]
    [InlineData("tf_bert_qa_24layer.onnx", 16, 26)]
    public void Whole_models_grow_and_verify(string file, int hidden, int layers)
    {
        using var job = GrowthJob.Open(Path.Combine(Repository.SharedModels!, file));
        GrowthPlan plan = job.Bind(Planner.Plan(job.Map, new GrowthRequest { Hidden = hidden, Layers = layers }));
        using GrownModel grown = Grower.Grow(job.Map, plan);
        using var folder = new TemporaryFolder();
        string output = folder.File("grown.onnx");
        grown.Model.Save(output);
        EquivalenceReport report = job.Prove(grown, output, new EquivalenceOptions { MaxLength = 8 });
        Assert.True(report.Certificate!.Passed, report.Certificate.Text);
        Assert.True(report.Verdict == Verdict.Equivalent, report.Summary);
        Assert.Equal(Verdict.Equivalent, report.Witness!.Verdict);
    }

    [SharedModelsFact]
    public void Every_file_is_mapped_or_refused_in_one_line()
    {
        foreach (string path in Directory.EnumerateFiles(Repository.SharedModels!, "*.onnx"))
        {
            using OnnxModel model = OnnxModel.Open(path);
            try
            {
                ModelMap map = ModelMap.Of(model);
                Assert.Equal(map.Dimensions.Count, Growability.Of(map).Count);
            }
            catch (BadInputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }
}

public sealed class SharedModelsFactAttribute : FactAttribute
{
    public SharedModelsFactAttribute() => Skip = Repository.SharedModels is null ? SharedModels.Missing : null;
}

public sealed class SharedModelsTheoryAttribute : TheoryAttribute
{
    public SharedModelsTheoryAttribute() => Skip = Repository.SharedModels is null ? SharedModels.Missing : null;
}

internal static class SharedModels
{
    public const string Missing = "the folder of models from other projects (../shared/models) is not beside this checkout";
}
