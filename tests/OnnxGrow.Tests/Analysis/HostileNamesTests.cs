using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Tests.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Graphs whose names do not fit together: cycles, doubles, values that nobody makes.</summary>
public class HostileNamesTests
{
    private static void Map(Action<GraphProto> change)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        string y = g.Node("MatMul", [g.Node("Relu", [x]), g.Weight("w", 1, 0, 4, 4)]);
        g.Output(y, "y", ElementType.Float32, "batch", 4);
        ModelProto model = g.Finish();
        change(model.Graph);
        using var folder = new TestFolder();
        using OnnxModel opened = OnnxModel.Open(folder.Write("m.onnx", model));
        ModelMap.Of(opened);
    }

    private static void Refused(Action<GraphProto> change, params string[] parts) => TestFolder.Refused(() => Map(change), parts);

    private static NodeProto Node(string op, string input, string output) => new() { OpType = op, Name = op + "/" + output, Input = { input }, Output = { output } };

    [Fact]
    public void A_cycle_is_refused_with_a_node_of_it() => Refused(
        g =>
        {
            g.Node.Add(Node("Relu", "b", "a"));
            g.Node.Add(Node("Relu", "a", "b"));
        },
        "cycle",
        "'Relu/");

    [Fact]
    public void A_node_that_takes_what_it_makes_is_refused() => Refused(g => g.Node.Add(Node("Relu", "a", "a")), "'a'", "no node makes");

    [Fact]
    public void A_cycle_through_a_subgraph_is_refused() => Refused(
        g =>
        {
            NodeProto node = Node("Relu", "x", "a");
            node.Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto { Node = { Node("Relu", "b", "inner") } } });
            g.Node.Add(node);
            g.Node.Add(Node("Relu", "a", "b"));
        },
        "cycle");

    [Fact]
    public void Values_of_one_name_are_refused()
    {
        Refused(g => g.Node.Add([Node("Relu", "x", "twice"), Node("Abs", "x", "twice")]), "'twice'", "twice");
        Refused(g => g.Initializer.Add(g.Initializer[0].Clone()), "twice");
        Refused(g => g.Node.Add(Node("Relu", "x", "x")), "'x'", "twice");
        Refused(g => g.Input.Add(g.Input[0].Clone()), "two inputs 'x'");
        Refused(g => g.Node.Add(Node("Relu", "x", g.Initializer[0].Name)), "twice");
    }

    [Fact]
    public void Values_that_nobody_makes_are_refused()
    {
        Refused(g => g.Node.Add(Node("Relu", "nowhere", "a")), "'nowhere'", "'Relu/a'");
        Refused(g => g.Output.Add(new ValueInfoProto { Name = "nothing" }), "'nothing'", "made by no node");
        Refused(g => g.Initializer.RemoveAt(0), "no node makes");
        Refused(g => g.SparseInitializer.Add(new SparseTensorProto()), "sparse initializer");
    }

    [Fact]
    public void What_is_odd_but_sound_is_read()
    {
        // A node before what it takes; an output that is an input; an input left out; a name inside that is outside too.
        Map(g =>
        {
            g.Node.Insert(0, Node("Relu", "late", "early"));
            g.Node.Add(Node("Abs", "x", "late"));
        });
        Map(g => g.Output.Add(g.Input[0].Clone()));
        Map(g =>
        {
            NodeProto clip = Node("Clip", "x", "clipped");
            clip.Input.Add(["", ""]);
            g.Node.Add(clip);
        });
        Map(g =>
        {
            NodeProto node = Node("Custom", "x", "a");
            node.Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto { Node = { Node("Relu", "x", "w_0"), Node("Relu", "w_0", "x") } } });
            g.Node.Add(node);
        });
        Map(g => g.Input.Add(new ValueInfoProto { Name = g.Initializer[0].Name }));
    }

    [Fact]
    public void Nodes_that_nobody_needs_cost_no_more_than_others()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Map(g => g.Node.Add(Enumerable.Range(0, 50_000).Select(i => Node("Relu", "x", $"unused{i}"))));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1L << 30);
    }

    [Fact]
    public void Messages_that_are_empty_are_read_or_refused()
    {
        Action<GraphProto>[] changes =
        [
            g => g.Node.Add(new NodeProto()),
            g => g.Node[0].Attribute.Add(new AttributeProto()),
            g => g.Node[0].Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Tensor }),
            g => g.Node.Add(new NodeProto { OpType = "Constant", Output = { "c" } }),
            g => g.Node.Add(new NodeProto { OpType = "Constant", Output = { "c" }, Attribute = { new AttributeProto { Name = "value" } } }),
            g => g.Node.Add(new NodeProto { OpType = "Constant", Output = { "c" }, Attribute = { new AttributeProto { Name = "value", T = new TensorProto() } } }),
            g => g.Node.Add(new NodeProto { OpType = "If", Input = { "x" }, Output = { "c" }, Attribute = { new AttributeProto { Name = "then_branch", G = new GraphProto() }, new AttributeProto { Name = "else_branch", G = new GraphProto() } } }),
            g => g.Node.Add(new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = new GraphProto() }, new AttributeProto { Name = "else_branch", G = new GraphProto() } } }),
            g => g.Node.Add(new NodeProto { OpType = "Loop", Output = { "c" }, Attribute = { new AttributeProto { Name = "body", G = new GraphProto() } } }),
            g => g.Node.Add(new NodeProto { OpType = "Loop", Input = { "", "" }, Attribute = { new AttributeProto { Name = "body", G = new GraphProto() } } }),
            g => g.Node.Add(new NodeProto { OpType = "Scan", Input = { "x" }, Output = { "c" }, Attribute = { new AttributeProto { Name = "body", G = new GraphProto() }, new AttributeProto { Name = "num_scan_inputs", I = long.MaxValue } } }),
            g => g.Node.Add(new NodeProto { OpType = "Choice", Domain = "onnxgrow.internal", Input = { "x" }, Output = { "c" } }),
            g => g.Node.Add(new NodeProto { OpType = "SkipLayerNormalization", Domain = "com.microsoft" }),
            g => g.Node.Add(new NodeProto { OpType = "If", Input = { "x" }, Output = { "c", "d" }, Attribute = { new AttributeProto { Name = "then_branch", G = new GraphProto { Output = { new ValueInfoProto { Name = "x" } } } }, new AttributeProto { Name = "else_branch", G = new GraphProto { Output = { new ValueInfoProto { Name = "x" } } } } } }),
            g => g.Input.Add(new ValueInfoProto()),
            g => g.Output.Add(new ValueInfoProto()),
            g => g.Initializer.Add(new TensorProto()),
            g => g.ValueInfo.Add(new ValueInfoProto { Name = "x", Type = new TypeProto() }),
            g => g.Input[0].Type.TensorType.Shape.Dim[1].DimValue = -4,
            g => g.Input[0].Type.TensorType.Shape.Dim[1].DimValue = long.MaxValue,
            g => g.Input[0].Type.TensorType.Shape.Dim[1].DimParam = "",
            g => g.Input[0].Type.TensorType.Shape.Dim.Add(Enumerable.Range(0, 1000).Select(_ => new TensorShapeProto.Types.Dimension { DimValue = long.MaxValue })),
        ];
        Assert.All(changes, change =>
        {
            Exception? failure = Record.Exception(() => Map(change));
            Assert.True(failure is null or OnnxGrowException, failure?.ToString());
        });
    }

    [Fact]
    public void A_condition_that_is_handed_on_in_a_circle_ends_the_search() => Map(g =>
    {
        var body = new GraphProto { Name = "body", Node = { Node("Identity", "p", "q"), Node("Identity", "q", "p"), Node("Relu", "s", "t") } };
        body.Input.Add(new[] { "turn", "on", "s" }.Select(n => new ValueInfoProto { Name = n }));
        body.Output.Add(new[] { "p", "t" }.Select(n => new ValueInfoProto { Name = n }));
        g.Initializer.Add(Tensors.Int64("turns", [], 4));
        g.Node.Add(new NodeProto { OpType = "Loop", Input = { "turns", "", "x" }, Output = { "z" }, Attribute = { new AttributeProto { Name = "body", G = body } } });
    });

    [Fact]
    public void Symbolic_sizes_are_names_and_nothing_else()
    {
        foreach (string symbol in new[] { "hidden", "heads", "2*n", "ffn.0", "-1", "a b\u001b[31m", new string('s', 1 << 20), "9223372036854775808" })
        {
            Map(g => g.Input[0].Type.TensorType.Shape.Dim[0].DimParam = symbol);
        }
    }
}
