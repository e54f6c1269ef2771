using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

/// <summary>Bodies of If, Loop and Scan, and model-local functions.</summary>
public class NestedTests
{
    private static readonly RuntimeTensor X = Support.Normal(1, 2, 3, 8);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Both_branches_of_If_are_lifted(long choice)
    {
        // The branches call different values by the same name, of different ranks and types.
        GraphProto then = Body(new TestGraph().Weight("w", 1, 8).Floats("c", [], [0.1f]).Node("Mul", "x,w", "h").Node("Add", "h,c", "i").Node("Gelu", "i", "then"), [], "then");
        GraphProto other = Body(
            new TestGraph().Initializer(Tensors.Float32("w", [8, 8], [.. Enumerable.Range(0, 64).Select(i => i / 64f)])).Node("MatMul", "x,w", "h")
                .Node("Constant", "", "k", ("value", Tensors.Float32("", [1], 0.3f))).Node("LayerNormalization", "h,g", "n", ("axis", 2L)).Node("Add", "n,k", "other"),
            [],
            "other");
        OnnxModel model = Open(new TestGraph(20).Input("c", ElementType.Bool).Input("x", F, "n", "s", 8).Output("y", F).Weight("g", 2, 8)
            .Node("If", "c", "y", ("then_branch", then), ("else_branch", other)).Build());
        Agrees(model, 1e-5, ("c", Ints(ElementType.Bool, [], choice)), ("x", X));
    }

    [Fact]
    public void The_body_of_Loop_is_lifted()
    {
        GraphProto body = Body(
            new TestGraph().Node("Identity", "go", "go_on").Node("com.microsoft.BiasGelu", "state,b", "h").Node("Mul", "h,half", "next")
                .Node("Constant", "", "half", ("value_float", 0.5f)).Node("ReduceMax", "next", "seen", ("keepdims", 0L)),
            [("i", ElementType.Int64, []), ("go", ElementType.Bool, []), ("state", F, ["n", "s", 8])],
            "go_on:Bool,next,seen");
        (body.Node[2], body.Node[3]) = (body.Node[3], body.Node[2]);
        OnnxModel model = Open(new TestGraph(17).Input("x", F, "n", "s", 8).Output("y", F).Output("z", F).Ints("count", [], 3).Weight("b", 2, 8)
            .Node("com.microsoft.FastGelu", "x", "before").Node("Loop", "count,,before", "y,z", ("body", body)).Build());
        Agrees(model, 1e-5, ("x", X));
    }

    [Fact]
    public void The_body_of_Scan_is_lifted()
    {
        GraphProto body = Body(
            new TestGraph().Node("Add", "state,step", "sum").Node("com.microsoft.QuickGelu", "sum", "next", ("alpha", 0.7f)).Node("Celu", "next", "out"),
            [("state", F, [3, 8]), ("step", F, [3, 8])],
            "next,out");
        OnnxModel model = Open(new TestGraph(17).Input("x", F, "n", 3, 8).Output("y", F).Output("z", F).Weight("first", 1, 3, 8)
            .Node("com.microsoft.QuickGelu", "x", "before").Node("Scan", "first,before", "y,z", ("body", body), ("num_scan_inputs", 1L)).Build());
        Agrees(model, 1e-5, ("x", X));
    }

    [Fact]
    public void A_function_takes_each_callers_attributes()
    {
        // Two callers, one of which leaves the attribute out; what is lowered inside depends on it.
        var function = new FunctionProto { Name = "Block", Domain = "local", Input = { "x", "g", "b" }, Output = { "y" }, Attribute = { "epsilon" } };
        function.AttributeProto.Add(TestGraph.Attribute("alpha", 0.25f));
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        GraphProto nodes = new TestGraph().Node("LayerNormalization", "x,g,b", "n").Node("LeakyRelu", "n", "r").Node("Constant", "", "c").Node("Mul", "r,c", "m")
            .Node("Erf", "m", "y").Build().Proto.Graph;
        nodes.Node[0].Attribute.Add(new AttributeProto { Name = "epsilon", RefAttrName = "epsilon", Type = AttributeProto.Types.AttributeType.Float });
        nodes.Node[1].Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "alpha", Type = AttributeProto.Types.AttributeType.Float });
        nodes.Node[2].Attribute.Add(new AttributeProto { Name = "value_float", RefAttrName = "alpha", Type = AttributeProto.Types.AttributeType.Float });
        function.Node.Add(nodes.Node);
        OnnxModel model = Open(Local(
            new TestGraph(17).Input("x", F, "n", "s", 8).Output("y", F).Weight("g", 1, 8).Weight("b", 2, 8)
                .Node("local.Block", "x,g,b", "h", ("epsilon", 0.5f), ("alpha", 0.75f)).Node("local.Block", "h,g", "y", ("epsilon", 0.1f)),
            function));
        Agrees(model, 1e-5, ("x", X));
        using OnnxModel lifted = Float64Lift.Lift(model);
        Assert.Equal(2, lifted.Proto.Functions.Count);
        Assert.DoesNotContain(lifted.Proto.Functions.SelectMany(f => f.Node).SelectMany(n => n.Attribute), a => a.RefAttrName.Length > 0);
    }

    [Fact]
    public void Constants_branches_and_missing_inputs_inside_a_function_are_lifted()
    {
        GraphProto then = Body(new TestGraph().Weight("w", 1, 8).Node("Mul", "h,w", "then"), [], "then");
        GraphProto other = Body(new TestGraph().Node("com.microsoft.BiasGelu", "h,k", "other"), [], "other");
        GraphProto nodes = new TestGraph().Node("Constant", "", "k", ("value", Tensors.Float32("", [8], 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f)))
            .Node("LayerNormalization", "x,k,b", "h").Node("If", "c", "y", ("then_branch", then), ("else_branch", other)).Build().Proto.Graph;
        var function = new FunctionProto { Name = "Branch", Domain = "local", Input = { "c", "x", "b" }, Output = { "y" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        function.Node.Add(nodes.Node);
        TestGraph graph = new TestGraph(17).Input("x", F, "n", "s", 8).Input("c", ElementType.Bool).Output("y", F).Weight("b", 2, 8)
            .Node("local.Branch", "c,x,b", "h").Node("com.microsoft.FastGelu", "h", "g").Node("local.Branch", "c,g", "y");
        foreach (long choice in new long[] { 0, 1 })
        {
            Agrees(Open(Local(graph, function)), 1e-5, ("x", X), ("c", Ints(ElementType.Bool, [], choice)));
        }
    }

    [Fact]
    public void A_tensor_attribute_and_an_exact_value_reach_into_nested_functions()
    {
        var inner = new FunctionProto { Name = "Inner", Domain = "local", Input = { "x" }, Output = { "y" }, Attribute = { "alpha", "w" } };
        inner.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        GraphProto nodes = new TestGraph().Node("Elu", "x", "e").Node("Constant", "", "c").Node("Add", "e,c", "y").Build().Proto.Graph;
        nodes.Node[0].Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "alpha", Type = AttributeProto.Types.AttributeType.Float });
        nodes.Node[1].Attribute.Add(new AttributeProto { Name = "value", RefAttrName = "w", Type = AttributeProto.Types.AttributeType.Tensor });
        inner.Node.Add(nodes.Node);
        var outer = new FunctionProto { Name = "Outer", Domain = "local", Input = { "x" }, Output = { "y" }, Attribute = { "a", "w" } };
        outer.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        outer.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        var call = new NodeProto { OpType = "Inner", Domain = "local", Name = "call", Input = { "x" }, Output = { "y" } };
        call.Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "a", Type = AttributeProto.Types.AttributeType.Float });
        call.Attribute.Add(new AttributeProto { Name = "w", RefAttrName = "w", Type = AttributeProto.Types.AttributeType.Tensor });
        outer.Node.Add(call);
        OnnxModel model = Open(Local(
            new TestGraph(17).Input("x", F, "n").Output("y", F, "n").Node("local.Outer", "x", "y", ("a", 0.1f), ("w", Tensors.Float32("", [1], 0.3f))), inner, outer));
        Agrees(model, 1e-5, ("x", Support.Normal(2, 9)));
        var exact = new Dictionary<AttributeProto, double>(ReferenceEqualityComparer.Instance) { [model.Proto.Graph.Node[0].Attribute[0]] = 0.1 };
        using OnnxModel lifted = Float64Lift.Lift(model, exact);
        double y = Support.Run(lifted, ("x", Support.Doubles(-1)))["y"].ToDoubles()[0];
        Assert.Equal((0.1 * (Math.Exp(-1) - 1)) + 0.3f, y, 1e-16);
    }

    [Fact]
    public void Types_and_ranks_are_followed_where_the_file_does_not_say_them()
    {
        // A mask that is computed, keys that are transposed, and axes from the front, all without declared values.
        OnnxModel model = Open(new TestGraph(23).Input("q", F, "b", "s", 16).Input("m", ElementType.Int64, "s", "s").Output("y", F).Weight("g", 1, 3, 16)
            .Ints("heads", [4], 0, 0, 4, 4).Ints("zero", [], 0).Ints("join", [3], 0, 0, 16).Ints("two", [1], 1)
            .Node("Greater", "m,zero", "seen").Node("Reshape", "q,heads", "split").Node("Transpose", "split", "h", ("perm", new long[] { 0, 2, 1, 3 }))
            .Node("Attention", "h,h,h,seen", "a").Node("Transpose", "a", "t", ("perm", new long[] { 0, 2, 1, 3 })).Node("Reshape", "t,join", "r")
            .Node("Add", "r,q", "sum").Node("RMSNormalization", "sum,g", "y", ("axis", 1L)).Build());
        Agrees(model, 1e-5, ("q", Support.Normal(1, 2, 3, 16)), ("m", Ints(ElementType.Int64, [3, 3], 1, 0, 1, 1, 1, 0, 0, 1, 1)));
    }

    [Fact]
    public void Ranks_are_followed_through_fused_operators()
    {
        OnnxModel model = Open(new TestGraph(17).Input("ids", ElementType.Int32, "b", "s").Input("seen", ElementType.Int64, "b", "s").Output("y", F)
            .Weight("words", 1, 9, 8).Weight("places", 2, 6, 8).Weight("g", 3, 8).Weight("b1", 4, 8).Weight("w", 5, 8, 24).Weight("b3", 6, 24).Weight("wk", 7, 8, 8)
            .Weight("cos", 8, 6, 2).Weight("sin", 9, 6, 2).Ints("one", [1], 1)
            .Node("com.microsoft.EmbedLayerNormalization", "ids,,words,places,,g,b1", "e,ends")
            .Node("ReduceSum", "seen,one", "count", ("keepdims", 0L)).Node("Cast", "count", "lengths", ("to", 6L))
            .Node("com.microsoft.Attention", "e,w,b3,lengths", "a", ("num_heads", 2L))
            .Node("com.microsoft.SkipLayerNormalization", "a,e,g,b1", "n,,,sum")
            .Node("MatMul", "sum,wk", "k").Node("com.microsoft.RotaryEmbedding", "k,offset64,cos,sin", "r").Ints("offset64", [1], 1)
            .Node("com.microsoft.MultiHeadAttention", "n,r,sum", "y", ("num_heads", 2L)).Build());
        Agrees(model, 2e-5, ("ids", Ints(ElementType.Int32, [2, 4], 1, 5, 2, 0, 3, 3, 6, 1)), ("seen", Ints(ElementType.Int64, [2, 4], 1, 1, 1, 1, 1, 1, 0, 0)));
    }

    [Fact]
    public void How_far_functions_unfold_is_limited_and_the_limit_can_be_raised()
    {
        // Twice each, four deep: 31 calls, five within one another.
        FunctionProto[] functions = [.. Enumerable.Range(0, 5).Select(i => Twice(i, i == 4))];
        var graph = new TestGraph(17).Input("x", F, "n").Output("y", F, "n").Node("local.F0", "x", "y");
        string path = Path.Combine(Directory.CreateTempSubdirectory("onnxgrow-test-").FullName, "m.onnx");
        try
        {
            Local(graph, functions).Save(path);
            foreach ((string limit, string low, string high) in new[] { ("unfolded", "30", "31"), ("calls", "4", "5"), ("graph-bytes", "1500", "1MiB") })
            {
                using OnnxModel tight = OnnxModel.Open(path, ReadLimits.Default.With(limit, low));
                string message = Assert.Throws<NotVerifiedException>(() => Float64Lift.Lift(tight).Dispose()).Message;
                Assert.Contains($"--limit {limit}=N", message, StringComparison.Ordinal);
                using OnnxModel wide = OnnxModel.Open(path, ReadLimits.Default.With(limit, high));
                using OnnxModel lifted = Float64Lift.Lift(wide);
                Assert.Equal(31, lifted.Proto.Functions.Count);
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }

        static FunctionProto Twice(int i, bool last)
        {
            var function = new FunctionProto { Name = $"F{i}", Domain = "local", Input = { "a" }, Output = { "b" } };
            function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
            function.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
            string op = last ? "Tanh" : $"local.F{i + 1}";
            function.Node.Add(TestGraph.NodeOf(op, "a", "t"));
            function.Node.Add(TestGraph.NodeOf(op, "t", "b"));
            return function;
        }
    }

    private static OnnxModel Local(TestGraph graph, params FunctionProto[] functions)
    {
        ModelProto model = graph.Build().Proto.Clone();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        model.Functions.Add(functions);
        return OnnxModel.FromProto(model);
    }

    private static GraphProto Body(TestGraph graph, (string Name, ElementType Type, object[] Dims)[] inputs, string outputs)
    {
        GraphProto body = graph.Build().Proto.Graph.Clone();
        body.Input.Add(inputs.Select(i => TestGraph.Info(i.Name, i.Type, i.Dims)));
        foreach (string output in outputs.Split(','))
        {
            ValueInfoProto info = output.Split(':') is [var n, var t] ? TestGraph.Info(n, Enum.Parse<ElementType>(t)) : TestGraph.Info(output, F);
            info.Type.TensorType.Shape = null;
            body.Output.Add(info);
        }

        return body;
    }
}
