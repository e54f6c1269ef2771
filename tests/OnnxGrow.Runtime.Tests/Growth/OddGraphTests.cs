using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>
/// Small graphs with unusual but valid constructs. Every dimension that says it can grow is grown, to a multiple and to one
/// more: the result computes the same, or the growth is refused; nothing in between.
/// </summary>
public class OddGraphTests
{
    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> Graphs = new()
    {
        ["norm over two joined parts"] = (g, x) => Out(g, Norm(g, g.Node("Concat", [Lin(g, x, 4, 3), Lin(g, x, 4, 5)], ("axis", -1)), 8), 8),
        ["norm with a computed gain"] = (g, x) => Out(g, g.Node("LayerNormalization", [Lin(g, x, 4, 6), g.Node("Expand", [g.Floats("one", [1], 1.5f), g.Ints("six", 6)])], ("axis", -1)), 6),
        ["norm with the axis counted from the front"] = (g, x) => Out(g, g.Node("LayerNormalization", [Lin(g, x, 4, 6), g.Weight("gain", 0.2, 1, 6)], ("axis", 1)), 6),
        ["several nodes of a norm with the axis counted from the front"] = (g, x) => Out(g, g.Node("Mul", [Standardise(g, Lin(g, x, 4, 6), 1), g.Weight("gain", 0.2, 1, 6)]), 6),
        ["norm without a gain"] = (g, x) => Out(g, Standardise(g, Lin(g, x, 4, 6)), 6),
        ["normalised value used twice"] = Twice,
        ["epsilon shared with a scale"] = SharedEpsilon,
        ["gain shared by two norms"] = SharedGain,
        ["scalar on the stream"] = (g, x) => Out(g, Norm(g, g.Node("Mul", [Lin(g, x, 4, 6), g.Floats("s", [], 2.5f)]), 6), 6),
        ["scalar added to the stream"] = (g, x) => Out(g, Norm(g, g.Node("Add", [Lin(g, x, 4, 6), g.Floats("s", [], 2.5f)]), 6), 6),
        ["activation on the stream"] = (g, x) => Out(g, Norm(g, g.Node("Sigmoid", [Lin(g, x, 4, 6)]), 6), 6),
        ["constant for each entry"] = (g, x) => Out(g, g.Node("Tanh", [g.Node("Mul", [Lin(g, x, 4, 6), g.Weight("scale", 0.4, 1, 6)])]), 6),
        ["division by a constant for each entry"] = (g, x) => Out(g, g.Node("Div", [Lin(g, x, 4, 6), g.Weight("scale", 0.1, 2, 6)]), 6),
        ["constant for each entry before a norm"] = (g, x) => Out(g, Norm(g, g.Node("Mul", [Lin(g, x, 4, 6), g.Weight("scale", 0.4, 1, 6)]), 6), 6),
        ["numbered entries"] = (g, x) => Out(g, g.Node("Mul", [Lin(g, x, 4, 6), g.Node("Cast", [g.Node("Range", [g.Int("a", 0), g.Int("b", 6), g.Int("c", 1)])], ("to", 1))]), 6),
        ["maximum over the axis"] = (g, x) => Out(g, g.Node("Sub", [Lin(g, x, 4, 6), g.Node("ReduceMax", [Lin(g, x, 4, 6)], ("axes", new long[] { -1 }))]), 6),
        ["mean over the axis outside a norm"] = (g, x) => { string h = Lin(g, x, 4, 6); return Out(g, g.Node("Add", [h, g.Node("ReduceMean", [h], ("axes", new long[] { -1 }))]), 6); },
        ["softmax over the axis"] = (g, x) => Out(g, g.Node("Softmax", [Lin(g, x, 4, 6)], ("axis", -1)), 6),
        ["slices instead of a split"] = Slices,
        ["weight on the left"] = (g, x) => Out(g, g.Node("Transpose", [g.Node("MatMul", [g.Weight("left", 0.5, 0, 6, 4), g.Node("Transpose", [x], ("perm", new long[] { 1, 0 }))])], ("perm", new long[] { 1, 0 })), 6),
        ["weight used by two products"] = SharedWeight,
        ["gemm with alpha and beta"] = (g, x) => Out(g, g.Node("Relu", [g.Node("Gemm", [x, g.Weight("w", 0.5, 0, 6, 4), g.Weight("c", 0.5, 0, 6)], ("transB", 1), ("alpha", 0.5f), ("beta", 2f))]), 6),
        ["choice between two"] = (g, x) => Out(g, g.Node("Where", [g.Node("Greater", [Lin(g, x, 4, 6), g.Floats("z", [], 0)]), Lin(g, x, 4, 6), g.Floats("o", [], 1)]), 6),
        ["power of an activation"] = (g, x) => Out(g, g.Node("Pow", [Lin(g, x, 4, 6), g.Floats("p", [], 2)]), 6),
        ["gated by another"] = (g, x) => Out(g, g.Node("Mul", [Lin(g, x, 4, 6), g.Node("Sigmoid", [Lin(g, x, 4, 6)])]), 6),
        ["all sizes alike"] = (g, x) => Out(g, g.Node("Relu", [Lin(g, Lin(g, g.Node("Relu", [Lin(g, x, 4, 4)]), 4, 4), 4, 4)]), 4),
        ["through a constant matrix twice"] = (g, x) => Out(g, g.Node("MatMul", [x, g.Node("MatMul", [g.Weight("a", 0.5, 0, 4, 6), g.Weight("b", 0.5, 0, 6, 5)])]), 5),
        ["tanh of a weight"] = (g, x) => Out(g, g.Node("MatMul", [g.Node("Relu", [Lin(g, x, 4, 6)]), g.Node("Tanh", [g.Weight("t", 0.5, 0, 6, 6)])]), 6),
    };

    public static TheoryData<string> Names() => [.. Graphs.Keys];

    [Fact]
    public void An_axis_counted_from_the_front_is_the_last_one_where_the_rank_says_so()
    {
        var g = new GraphBuilder(new SplitMix64(11), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        g.Output(Out(g, g.Node("Mul", [Standardise(g, Lin(g, x, 4, 6), 1), g.Weight("gain", 0.2, 1, 6)]), 6), "y", ElementType.Float32, "batch", 3);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        Assert.Single(ModelMap.Of(model).Norms);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grows_right_or_not_at_all(string name)
    {
        var g = new GraphBuilder(new SplitMix64(11), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        g.Output(Graphs[name](g, x), "y", ElementType.Float32, "batch", 3);
        using OnnxModel source = OnnxModel.FromProto(g.Finish());
        ModelMap map = ModelMap.Of(source);
        foreach (Dimension dimension in map.Dimensions.Where(d => d.CanGrow))
        {
            foreach (long target in new[] { dimension.Extent * 2, dimension.Extent + 1, (dimension.Extent * 2) + 1 })
            {
                var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(dimension.Name, target), Seed = 3 };
                GrownModel grown;
                try
                {
                    grown = Grower.Grow(map, plan);
                }
                catch (CannotGrowException)
                {
                    continue;
                }

                using (grown)
                {
                    Proof.Holds(Proof.Of(source, grown), $"{dimension.Name} to {target}");
                    Assert.Null(ShrinkCheck.Difference(source, grown));
                }
            }
        }
    }

    private static string Lin(GraphBuilder g, string x, int from, int to) =>
        g.Node("Add", [g.Weight("b", 0.3, 0, to), g.Node("MatMul", [x, g.Weight("w", 0.6, 0, from, to)])]);

    private static string Out(GraphBuilder g, string x, int from) => g.Node("MatMul", [x, g.Weight("out", 0.5, 0, from, 3)]);

    private static string Norm(GraphBuilder g, string x, int d) =>
        g.Node("LayerNormalization", [x, g.Weight("gain", 0.3, 1, d), g.Weight("beta", 0.3, 0, d)], ("axis", -1), ("epsilon", 1e-3f));

    private static string Standardise(GraphBuilder g, string x, int axis = -1)
    {
        string d = g.Node("Sub", [x, Mean(g, x, axis)]);
        return g.Node("Div", [d, g.Node("Sqrt", [g.Node("Add", [Mean(g, g.Node("Mul", [d, d]), axis), g.Floats("eps", [], 1e-3f)])])]);
    }

    private static string Mean(GraphBuilder g, string x, int axis = -1) => g.Node("ReduceMean", [x], ("axes", new long[] { axis }), ("keepdims", 1));

    private static string Twice(GraphBuilder g, string x)
    {
        string n = Standardise(g, Lin(g, x, 4, 6));
        string a = g.Node("Mul", [n, g.Weight("gain", 0.3, 1, 6)]);
        return g.Node("Add", [Out(g, a, 6), Out(g, n, 6)]);
    }

    private static string SharedEpsilon(GraphBuilder g, string x)
    {
        string h = Lin(g, x, 4, 6);
        string epsilon = g.Floats("eps", [], 0.01f);
        string d = g.Node("Sub", [h, Mean(g, h)]);
        string n = g.Node("Div", [d, g.Node("Sqrt", [g.Node("Add", [Mean(g, g.Node("Mul", [d, d])), epsilon])])]);
        string a = g.Node("Mul", [n, g.Weight("gain", 0.3, 1, 6)]);
        return g.Node("Mul", [Out(g, a, 6), epsilon]);
    }

    private static string SharedGain(GraphBuilder g, string x)
    {
        string gain = g.Weight("gain", 0.3, 1, 6);
        string a = g.Node("LayerNormalization", [Lin(g, x, 4, 6), gain], ("axis", -1));
        string b = g.Node("LayerNormalization", [Lin(g, x, 4, 6), gain], ("axis", -1));
        return g.Node("Add", [Out(g, a, 6), Out(g, b, 6)]);
    }

    private static string Slices(GraphBuilder g, string x)
    {
        string all = Lin(g, x, 4, 12);
        string[] parts = [.. Enumerable.Range(0, 3).Select(i => g.Node("Slice", [all, g.Ints("s", i * 4), g.Ints("e", (i + 1) * 4), g.Ints("a", 1)]))];
        return Out(g, g.Node("Mul", [g.Node("Tanh", [parts[0]]), g.Node("Add", [parts[1], parts[2]])]), 4);
    }

    private static string SharedWeight(GraphBuilder g, string x)
    {
        string w = g.Weight("w", 0.5, 0, 6, 6);
        string a = g.Node("MatMul", [g.Node("Relu", [Lin(g, x, 4, 6)]), w]);
        string b = g.Node("MatMul", [g.Node("Tanh", [Lin(g, x, 4, 6)]), w]);
        return Out(g, g.Node("Add", [g.Node("Relu", [a]), b]), 6);
    }
}
