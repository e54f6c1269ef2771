using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Methods;

/// <summary>What methods say of themselves, where they put layers, and what they refuse.</summary>
public sealed class MethodPlanTests : IDisposable
{
    private readonly OnnxModel _model;
    private readonly ModelMap _gpt;

    public MethodPlanTests()
    {
        _model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        _gpt = ModelMap.Of(_model);
    }

    public void Dispose() => _model.Dispose();

    private string Refused<T>(GrowthRequest request)
        where T : OnnxGrowException => Assert.Throws<T>(() => Grower.Grow(_gpt, Planner.Plan(_gpt, request)).Dispose()).Message;

    [Fact]
    public void Methods_that_are_lossy_say_so_and_the_others_say_that_they_are_not()
    {
        foreach (GrowthMethod method in GrowthMethod.All.Values)
        {
            Assert.StartsWith(method.IsLossless ? "lossless" : "LOSSY: ", method.Summary, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', method.Summary);
        }
    }

    [Theory]
    [InlineData("llama-pro", 32, 8, "3/3 7/7 11/11 15/15 19/19 23/23 27/27 31/31")]
    [InlineData("llama-pro", 2, 4, "0/0 0/0 1/1 1/1")]
    [InlineData("stack", 3, 3, "2/0 2/1 2/2")]
    [InlineData("interpolate", 3, 3, "0/0 1/1 2/2")]
    [InlineData("interpolate", 4, 2, "2/2 3/3")]
    [InlineData("depth-upscale", 6, 2, "3/2 3/3")]
    [InlineData("depth-upscale", 3, 3, "2/0 2/1 2/2")]
    public void Places_are_those_of_the_paper(string method, int layers, int extra, string places)
    {
        LayerInsertion[] found = [.. GrowthMethod.Find(method).Place(layers, extra)!.Value];
        Assert.Equal(places, string.Join(' ', found.Select(l => FormattableString.Invariant($"{l.After}/{l.CopyOf}"))));
    }

    [Fact]
    public void Solar_s_own_growth_runs_from_the_first_24_layers_to_the_last_24()
    {
        LayerInsertion[] found = [.. GrowthMethod.Find("depth-upscale").Place(32, 16)!.Value];
        int[] order = [.. Enumerable.Range(0, 32).SelectMany(i => found.Where(l => l.After == i).Select(l => l.CopyOf).Prepend(i))];
        Assert.Equal([.. Enumerable.Range(0, 24), .. Enumerable.Range(8, 24)], order);
    }

    [Fact]
    public void What_a_method_does_not_do_is_refused_with_the_nearest_that_it_does()
    {
        Assert.Contains("nearest: 48, 96", Refused<CannotGrowException>(new GrowthRequest { Hidden = 64, Method = "hypercloning" }), StringComparison.Ordinal);
        Assert.Contains("depth only", Refused<CannotGrowException>(new GrowthRequest { Hidden = 96, Layers = 4, Method = "llama-pro" }), StringComparison.Ordinal);
        Assert.Contains("nearest: 4, 6", Refused<CannotGrowException>(new GrowthRequest { Layers = 5, Method = "llama-pro" }), StringComparison.Ordinal);
        Assert.Contains("nearest: 6, 9", Refused<CannotGrowException>(new GrowthRequest { Layers = 7, Method = "llama-pro" }), StringComparison.Ordinal);
        Assert.Contains("nearest: 4, 6", Refused<CannotGrowException>(new GrowthRequest { Layers = 5, Method = "depth-upscale" }), StringComparison.Ordinal);
        Assert.Contains("nearest: 6 ", Refused<CannotGrowException>(new GrowthRequest { Layers = 7, Method = "depth-upscale" }) + " ", StringComparison.Ordinal);
        Assert.Contains("give --layers", Refused<CannotGrowException>(new GrowthRequest { Hidden = 96, Method = "stack" }), StringComparison.Ordinal);
        Assert.Contains("places of its own", Refused<BadInputException>(new GrowthRequest { At = [1], Method = "stack" }), StringComparison.Ordinal);
        Assert.Contains("hypercloning does", Refused<BadInputException>(new GrowthRequest { Hidden = 96, NoiseDb = 10 }), StringComparison.Ordinal);
        Assert.Contains("from 0", Refused<BadInputException>(new GrowthRequest { Hidden = 96, NoiseDb = double.NaN, Method = "hypercloning" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_is_in_the_plan()
    {
        GrowthPlan plan = PlanFile.Parse("method: hypercloning\nnoise_db: 12.5\n", "plan");
        Assert.Equal(12.5, plan.NoiseDb);
        Assert.Equal(12.5, PlanFile.Parse(PlanFile.ToJson(plan), "plan").NoiseDb);
        Assert.Contains("decibels", Assert.Throws<BadInputException>(() => PlanFile.Parse("noise_db: loud", "plan")).Message, StringComparison.Ordinal);
    }
}
