using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Graphs of tens of thousands of nodes go through everything; what is quadratic or recursive does not end here.</summary>
public class LongModelTests
{
    [Fact]
    public void Twenty_thousand_nodes_are_inspected_and_grown()
    {
        var shape = new TransformerShape { Decomposed = true, Bias = true, Causal = true, Tied = true, Layers = 450 };
        using OnnxModel model = OnnxModel.FromProto(RandomTransformer.Build(shape, 3));
        Assert.True(model.Proto.Graph.Node.Count > 20_000);
        ModelMap map = ModelMap.Of(model);
        Assert.Equal(450, map.Layers.Count);
        Assert.Equal("decoder (causal attention) on token ids", ModelSummary.Of(map).Family);
        Assert.Contains(Growability.Of(map), g => g is { Dimension: "hidden", CanGrow: true });
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = 16, Layers = 451 });
        using GrownModel grown = Grower.Grow(map, plan);
        Assert.Equal(451, ModelMap.Of(grown.Model).Layers.Count);
    }

    /// <summary>A draft says what the growth itself does.</summary>
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    [InlineData(5UL)]
    [InlineData(6UL)]
    public void Trying_a_growth_tells_how_exact_it_is(ulong seed)
    {
        var shape = TransformerShape.Draw(new SplitMix64(seed));
        using OnnxModel model = OnnxModel.FromProto(RandomTransformer.Build(shape, seed));
        byte[] before = model.ToBytes();
        ModelMap map = ModelMap.Of(model);
        foreach (Dimension dimension in map.Dimensions.Where(d => d.CanGrow))
        {
            foreach (long target in new[] { dimension.Extent * 2, dimension.Extent + 1 })
            {
                var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(dimension.Name, target) };
                Assert.Equal(Outcome(() => { using GrownModel g = Grower.Grow(map, plan); return g.Exactness; }), Outcome(() => Grower.Try(map, plan)));
            }
        }

        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void Long_chains_before_a_weight_and_a_size_are_followed()
    {
        const int Length = 20_000;
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        string gain = Chain(g, g.Weight("gain", 0.1, 1, 4), Length);
        string mean = g.Node("ReduceMean", [g.Node("Mul", [x, x])], ("axes", new long[] { -1 }), ("keepdims", 1));
        string deviation = g.Node("Sqrt", [g.Node("Add", [mean, g.Floats("eps", [], 1e-5f)])]);
        string normed = g.Node("Mul", [g.Node("Div", [x, deviation]), gain]);
        string y = g.Node("MatMul", [normed, g.Weight("w", 0.5, 0, 4, 6)]);
        string split = g.Node("Reshape", [y, Chain(g, g.Ints("shape", 0, 2, 3), Length)]);
        string joined = g.Node("Reshape", [split, g.Ints("joined", 0, 6)]);
        g.Output(g.Node("MatMul", [joined, g.Weight("v", 0.5, 0, 6, 4)]), "y", ElementType.Float32, "batch", 4);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        ModelMap map = ModelMap.Of(model);
        Assert.Single(map.Norms);
        Assert.NotEmpty(ModelSummary.Of(map).Parts);
        Assert.NotEmpty(Growability.Of(map));
    }

    private static string Chain(GraphBuilder g, string value, int length)
    {
        for (int i = 0; i < length; i++)
        {
            value = g.Node("Identity", [value]);
        }

        return value;
    }

    private static string Outcome(Func<Exactness> grow)
    {
        try
        {
            return grow().ToString();
        }
        catch (CannotGrowException e)
        {
            return e.Message;
        }
    }
}
