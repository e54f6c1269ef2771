using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Runtime.Tests;

/// <summary>Loops that are laid out compute what they computed, and those that a run decides on stay closed.</summary>
public class LoopTests
{
    private const ElementType F = ElementType.Float32;

    /// <summary>What a graph builder would hand to a subgraph attribute.</summary>
    private static GraphProto Body((string Name, ElementType Type, object[] Dims)[] inputs, (string Name, ElementType Type, object[] Dims)[] outputs, params NodeProto[] nodes)
    {
        var body = new GraphProto { Name = "body" };
        body.Input.AddRange(inputs.Select(i => TestGraph.Info(i.Name, i.Type, i.Dims)));
        body.Output.AddRange(outputs.Select(o => TestGraph.Info(o.Name, o.Type, o.Dims)));
        body.Node.AddRange(nodes);
        return body;
    }

    private static TestGraph Base(long opset = 17) => new TestGraph(opset)
        .Input("x", F, "n", 4)
        .Weight("w", 3, 3, 4, 4)
        .Ints("three", [], 3)
        .Initializer(Tensors.Numbers("true", ElementType.Bool, [], 1));

    /// <summary>state = state w[turn] + x, and what every turn had, side by side.</summary>
    private static GraphProto Layers(string condition = "c", params NodeProto[] more) => Body(
        [("i", ElementType.Int64, []), ("c", ElementType.Bool, []), ("s", F, ["n", 4])],
        [(condition, ElementType.Bool, []), ("t", F, ["n", 4]), ("d", F, ["n", 4])],
        [
            TestGraph.NodeOf("Gather", "w,i", "part", ("axis", 0)),
            TestGraph.NodeOf("MatMul", "s,part", "p"),
            TestGraph.NodeOf("Cast", "i", "number", ("to", (long)F)),
            TestGraph.NodeOf("Mul", "x,number", "scaled"),
            TestGraph.NodeOf("Add", "p,scaled", "t"),
            TestGraph.NodeOf("Sub", "t,s", "d"),
            .. more,
        ]);

    private static IReadOnlyDictionary<string, RuntimeTensor> Same(OnnxModel model, bool laidOut)
    {
        OnnxModel prepared = ModelMap.Of(model).Graph.Model;
        Assert.Equal(!laidOut, prepared.Proto.Graph.Node.Any(n => n.OpType is "Loop" or "Scan"));
        RuntimeTensor x = Support.Normal(11, 5, 4);
        IReadOnlyDictionary<string, RuntimeTensor> expected = Support.Run(model, ("x", x));
        IReadOnlyDictionary<string, RuntimeTensor> actual = Support.Run(prepared, ("x", x));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string name, RuntimeTensor value) in expected)
        {
            Assert.Equal(value.Dims.AsEnumerable(), actual[name].Dims);
            Assert.True(value.Bytes.Span.SequenceEqual(actual[name].Bytes.Span), name);
        }

        return expected;
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(17, true)]
    [InlineData(17, false)]
    public void A_counted_loop(long opset, bool conditionGiven)
    {
        TestGraph graph = Base(opset).Node("Loop", conditionGiven ? "three,true,x" : "three,,x", "y,all", ("body", Layers("kept", TestGraph.NodeOf("Identity", "c", "kept"))))
            .Output("y", F, "n", 4).Output("all", F, 3, "n", 4);
        using OnnxModel model = graph.Build();
        Assert.Equal([3L, 5, 4], Same(model, true)["all"].Dims.AsEnumerable());
    }

    [Fact]
    public void A_condition_that_is_computed_may_end_the_loop()
    {
        NodeProto[] early = [TestGraph.NodeOf("Constant", "", "one", ("value", Tensors.Int64("", [], 1))), TestGraph.NodeOf("Less", "i,one", "go")];
        using OnnxModel model = Base().Node("Loop", "three,true,x", "y,all", ("body", Layers("go", early)))
            .Output("y", F, "n", 4).Output("all", F, "turns", "n", 4).Build();
        Assert.Equal(2, Same(model, false)["all"].Dims[0]);

        // Not given at first, it may become false all the same.
        using OnnxModel free = Base().Node("Loop", "three,,x", "y,all", ("body", Layers("go", early)))
            .Output("y", F, "n", 4).Output("all", F, "turns", "n", 4).Build();
        Same(free, false);
    }

    [Fact]
    public void A_count_that_is_computed_is_known_when_it_runs()
    {
        using OnnxModel model = Base().Node("Shape", "x", "shape").Ints("zero", [], 0).Node("Gather", "shape,zero", "rows").Node("Min", "rows,three", "turns")
            .Node("Loop", "turns,true,x", "y,all", ("body", Layers("kept", TestGraph.NodeOf("Identity", "c", "kept"))))
            .Output("y", F, "n", 4).Output("all", F, "turns", "n", 4).Build();
        Assert.Equal(3, Same(model, false)["all"].Dims[0]);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(17)]
    public void A_loop_within_a_loop(long opset)
    {
        GraphProto inner = Body(
            [("j", ElementType.Int64, []), ("e", ElementType.Bool, []), ("u", F, ["n", 4])],
            [("e", ElementType.Bool, []), ("v", F, ["n", 4])],
            TestGraph.NodeOf("Gather", "w,j", "q", ("axis", 0)),
            TestGraph.NodeOf("MatMul", "u,q", "m"),
            TestGraph.NodeOf("Add", "m,s", "v"));
        GraphProto outer = Body(
            [("i", ElementType.Int64, []), ("c", ElementType.Bool, []), ("s", F, ["n", 4])],
            [("c", ElementType.Bool, []), ("t", F, ["n", 4])],
            TestGraph.NodeOf("Loop", "three,true,s", "t", ("body", inner)));
        using OnnxModel model = Base(opset).Node("Loop", "three,true,x", "y", ("body", outer)).Output("y", F, "n", 4).Build();
        Same(model, true);
    }

    [Theory]
    [InlineData(11, 0, 0, 0)]
    [InlineData(17, 0, 0, 0)]
    [InlineData(17, 0, 1, 1)]
    [InlineData(17, 1, 0, 1)]
    [InlineData(11, 1, 1, 0)]
    [InlineData(17, 2, 1, 2)]
    public void A_scan_over_stacked_weights(long opset, int axis, int direction, int outputAxis)
    {
        GraphProto body = Body(
            [("s", F, ["n", 4]), ("part", F, [4, 4]), ("bias", F, [4])],
            [("t", F, ["n", 4]), ("d", F, ["n", 4])],
            TestGraph.NodeOf("MatMul", "s,part", "p"),
            TestGraph.NodeOf("Add", "p,bias", "t"),
            TestGraph.NodeOf("Sub", "t,x", "d"));
        long[] dims = [4, 4];
        using OnnxModel model = new TestGraph(opset).Input("x", F, "n", 4).Weight("w", 3, [.. dims[..axis], 3, .. dims[axis..]]).Weight("b", 5, 3, 4)
            .Node("Scan", "x,w,b", "y,all", ("body", body), ("num_scan_inputs", 2), ("scan_input_axes", new long[] { axis, 0 }),
                ("scan_input_directions", new long[] { direction, 0 }), ("scan_output_axes", new long[] { outputAxis }), ("scan_output_directions", new long[] { direction }))
            .Output("y", F, "n", 4).Output("all", F, [.. ((object[])["n", 4])[..outputAxis], 3, .. ((object[])["n", 4])[outputAxis..]]).Build();
        Same(model, true);
    }

    [Fact]
    public void A_scan_over_a_sequence_stays_closed()
    {
        GraphProto body = Body([("s", F, [4]), ("row", F, [4])], [("t", F, [4]), ("copy", F, [4])], TestGraph.NodeOf("Add", "s,row", "t"), TestGraph.NodeOf("Identity", "t", "copy"));
        using OnnxModel model = new TestGraph().Input("x", F, "n", 4).Weight("w", 3, 4)
            .Node("Scan", "w,x", "y,all", ("body", body), ("num_scan_inputs", 1))
            .Output("y", F, 4).Output("all", F, "n", 4).Build();
        Same(model, false);
    }
}
