using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Plans;

public sealed class PlannerTests : IDisposable
{
    private readonly OnnxModel _model;
    private readonly ModelMap _gpt;

    public PlannerTests()
    {
        _model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        _gpt = ModelMap.Of(_model);
    }

    public void Dispose() => _model.Dispose();

    private GrowthPlan Plan(GrowthRequest request) => Planner.Plan(_gpt, request);

    private string Refused(GrowthRequest request) => Assert.Throws<CannotGrowException>(() => Plan(request)).Message;

    [Fact]
    public void Hidden_alone_keeps_head_size_and_ffn_ratio()
    {
        GrowthPlan plan = Plan(new GrowthRequest { Hidden = 96 });
        Assert.Equal(96, plan.Dimensions["hidden"]);
        Assert.All(new[] { 0, 1, 2 }, i =>
        {
            Assert.Equal(6, plan.Dimensions[$"heads.{i}"]);
            Assert.Equal(384, plan.Dimensions[$"ffn.{i}"]);
        });
        Assert.Empty(plan.Layers);
    }

    [Fact]
    public void Widths_outside_the_layers_that_equal_the_residual_width_follow_it()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("bert-mini-folded-op17.onnx"));
        ModelMap map = ModelMap.Of(model);
        Dimension[] inner = [.. map.Of(DimensionRole.Inner)];
        Assert.Equal(2, inner.Length); // the pooler and, where the decoder is a matrix of its own, the transform of the head
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = 96 });
        Assert.All(inner, d => Assert.Equal(96, plan.Dimensions[d.Name]));
    }

    [Fact]
    public void Heads_alone_leave_the_width()
    {
        GrowthPlan plan = Plan(new GrowthRequest { Heads = 5 });
        Assert.Equal(["heads.0", "heads.1", "heads.2"], plan.Dimensions.Keys);
    }

    [Fact]
    public void Ffn_as_a_ratio_is_of_the_grown_width()
    {
        Assert.Equal(288, Plan(new GrowthRequest { Hidden = 96, FfnRatio = 3 }).Dimensions["ffn.1"] * 1);
        Assert.Contains("not a whole number", Refused(new GrowthRequest { FfnRatio = 4.01 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, new[] { 2 })]
    [InlineData(5, new[] { 1, 2 })]
    [InlineData(6, new[] { 0, 1, 2 })]
    [InlineData(8, new[] { 0, 1, 1, 2, 2 })]
    public void Interpolation_gives_the_later_layers_their_copies_first(int layers, int[] after)
    {
        GrowthPlan plan = Plan(new GrowthRequest { Layers = layers });
        Assert.Equal(after, plan.Layers.Select(l => l.After));
        Assert.All(plan.Layers, l => Assert.Equal(l.After, l.CopyOf));
    }

    [Fact]
    public void Stacking_copies_from_the_first_layer_on()
    {
        GrowthPlan plan = Plan(new GrowthRequest { Layers = 7, Depth = DepthStyle.Stack });
        Assert.Equal([new(2, 0), new(2, 1), new(2, 2), new(2, 0)], plan.Layers.ToArray());
    }

    [Fact]
    public void Places_may_be_given()
    {
        Assert.Equal([0, 2], Plan(new GrowthRequest { At = [2, 0] }).Layers.Select(l => l.After));
        Assert.Equal([1], Plan(new GrowthRequest { At = [1], Layers = 4 }).Layers.Select(l => l.After));
    }

    [Fact]
    public void Refusals_name_the_nearest_that_can()
    {
        Assert.Contains("nearest: 64, 80", Refused(new GrowthRequest { Hidden = 72 }), StringComparison.Ordinal);
        Assert.Contains("give 48 or more", Refused(new GrowthRequest { Hidden = 32 }), StringComparison.Ordinal);
        Assert.Contains("give 3 or more", Refused(new GrowthRequest { Layers = 2 }), StringComparison.Ordinal);
        Assert.Contains("layers are 0 to 2", Refused(new GrowthRequest { At = [3] }), StringComparison.Ordinal);
        Assert.Contains("asks for 3 new layers", Refused(new GrowthRequest { At = [1], Layers = 6 }), StringComparison.Ordinal);
        Assert.Contains("1024 times", Refused(new GrowthRequest { Hidden = 48L * 2000 }), StringComparison.Ordinal);
        Assert.Contains("the largest is", Refused(new GrowthRequest { Ffn = long.MaxValue }), StringComparison.Ordinal);
    }

    [Fact]
    public void Post_norm_refuses_what_is_no_multiple_and_says_what_is()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("bert-mini-op12.onnx"));
        ModelMap map = ModelMap.Of(model);
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = 64 });
        string message = Assert.Throws<CannotGrowException>(() => Grower.Grow(map, plan)).Message;
        Assert.Contains("not lossless for Post-LayerNorm; nearest lossless widths: 48, 96, 144", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_with_a_dimension_that_is_not_there_is_refused_with_those_that_are()
    {
        var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add("ffn.9", 300) };
        string message = Assert.Throws<CannotGrowException>(() => Grower.Grow(_gpt, plan)).Message;
        Assert.Contains("'ffn.9'", message, StringComparison.Ordinal);
        Assert.Contains("ffn.2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_dimensions_some_are_named_and_those_that_a_wrong_name_may_mean()
    {
        using OnnxModel model = OnnxModel.FromProto(RandomTransformer.Build(new TransformerShape { Layers = 30 }, 1));
        ModelMap map = ModelMap.Of(model);
        var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add("ffn.30", 300) };
        string refused = Assert.Throws<CannotGrowException>(() => Grower.Grow(map, plan)).Message;
        Assert.Contains("it has ", refused, StringComparison.Ordinal);
        Assert.Contains(" others; closest to this name: ffn.", refused, StringComparison.Ordinal);
        Assert.InRange(refused.Length, 100, 400);
        var request = new GrowthRequest { Sizes = new GrowthRequest().Sizes.Add("ffn.30", 300) };
        Assert.Contains("closest to this name: ffn.", Assert.Throws<CannotGrowException>(() => Planner.Plan(map, request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_of_a_growth_can_be_raised_and_hold_for_plans_from_files_too()
    {
        string path = Repository.Model("gpt2-mini-op17.onnx");
        var deep = new GrowthRequest { Layers = 40 };
        var wide = new GrowthRequest { Ffn = 4096 };
        using OnnxModel tight = OnnxModel.Open(path, ReadLimits.Default.With("new-layers", "30").With("factor", "3"));
        ModelMap map = ModelMap.Of(tight);
        Assert.Contains("--limit new-layers=N", Refusal(() => Planner.Plan(map, deep)), StringComparison.Ordinal);
        Assert.Contains("--limit factor=N", Refusal(() => Planner.Plan(map, wide)), StringComparison.Ordinal);

        using OnnxModel usual = OnnxModel.Open(path);
        ModelMap other = ModelMap.Of(usual);
        GrowthPlan deepPlan = Planner.Plan(other, deep);
        GrowthPlan widePlan = Planner.Plan(other, wide);
        Assert.Contains("--limit new-layers=N", Refusal(() => Grower.Grow(map, deepPlan).Dispose()), StringComparison.Ordinal);
        Assert.Contains("--limit factor=N", Refusal(() => Grower.Grow(map, widePlan).Dispose()), StringComparison.Ordinal);

        using OnnxModel loose = OnnxModel.Open(path, ReadLimits.Default.With("new-layers", "2000").With("factor", "100000"));
        ModelMap more = ModelMap.Of(loose);
        Assert.True(Planner.Plan(more, new GrowthRequest { Layers = 1500 }).Layers.Length > ReadLimits.DefaultMaxNewLayers);
        long ffn = more.Of(DimensionRole.Ffn).First().Extent * 2000;
        Assert.Contains(ffn, Planner.Plan(more, new GrowthRequest { Ffn = ffn }).Dimensions.Values);
        Assert.Contains("more than 1024 times", Refusal(() => Planner.Plan(other, new GrowthRequest { Ffn = ffn })), StringComparison.Ordinal);

        static string Refusal(Action action) => Assert.Throws<CannotGrowException>(action).Message;
    }
}
