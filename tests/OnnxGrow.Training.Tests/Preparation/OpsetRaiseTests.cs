using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Training.Preparation;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Each change of an operator: the raised model gives what the old one gave, to the last bit.</summary>
public sealed class OpsetRaiseTests
{
    private static readonly long[] Picture = [1, 2, 4, 6];

    [Theory]
    [InlineData("Squeeze", 9, new long[] { 2, 1, 3, 1 }, new long[] { 1, 3 })]
    [InlineData("Squeeze", 11, new long[] { 2, 1, 3, 1 }, new long[] { -1 })]
    [InlineData("Unsqueeze", 9, new long[] { 2, 3 }, new long[] { 0, 3 })]
    [InlineData("Unsqueeze", 12, new long[] { 2, 3 }, new long[] { -1 })]
    [InlineData("ReduceSum", 9, new long[] { 2, 3, 4 }, new long[] { 1 })]
    [InlineData("ReduceSum", 12, new long[] { 2, 3, 4 }, new long[] { -1, 0 })]
    [InlineData("ReduceMean", 9, new long[] { 2, 3, 4 }, new long[] { 1 })]
    [InlineData("ReduceMean", 17, new long[] { 2, 3, 4 }, new long[] { -1 })]
    [InlineData("ReduceMax", 11, new long[] { 2, 3, 4 }, new long[] { -2 })]
    [InlineData("ReduceMin", 17, new long[] { 2, 3, 4 }, new long[] { 0, 2 })]
    [InlineData("ReduceProd", 13, new long[] { 2, 3, 4 }, new long[] { 1 })]
    [InlineData("ReduceL1", 13, new long[] { 2, 3, 4 }, new long[] { 1 })]
    [InlineData("ReduceL2", 9, new long[] { 2, 3, 4 }, new long[] { 1 })]
    [InlineData("ReduceLogSumExp", 17, new long[] { 2, 3, 4 }, new long[] { 1 })]
    [InlineData("ReduceSumSquare", 17, new long[] { 2, 3, 4 }, new long[] { 1 })]
    public void Axes(string op, long opset, long[] dims, long[] axes)
    {
        Same(opset, Normal(1, dims), g => g.Node(op, "x", "y", Set("axes", axes)));
        if (op.StartsWith("Reduce", StringComparison.Ordinal))
        {
            Same(opset, Normal(1, dims), g => g.Node(op, "x", "y", Set("axes", axes, "keepdims", 0L)));
            Same(opset, Normal(1, dims), g => g.Node(op, "x", "y"));
        }
    }

    [Fact]
    public void Squeeze_without_axes() => Same(11, Normal(1, 2, 1, 3), g => g.Node("Squeeze", "x", "y"));

    [Fact]
    public void ReduceLogSum() => Same(9, Positive(1, 2, 3, 4), g => g.Node("ReduceLogSum", "x", "y", Set("axes", new long[] { 1 })));

    [Theory]
    [InlineData(9L)]
    [InlineData(12L)]
    [InlineData(13L)]
    [InlineData(17L)]
    public void Split(long opset)
    {
        if (opset < 13)
        {
            Same(opset, Normal(1, 2, 6), g => g.Node("Split", "x", "y,z", Set("axis", 1L, "split", new long[] { 2, 4 })).Output("z", ElementType.Float32));
        }

        Same(opset, Normal(1, 2, 6), g => g.Node("Split", "x", "y,z,v", Set("axis", 1L)).Output("z", ElementType.Float32).Output("v", ElementType.Float32));
    }

    [Fact]
    public void Split_with_sizes_as_an_input() =>
        Same(13, Normal(1, 2, 6), g => g.Ints("s", [2], 1, 5).Node("Split", "x,s", "y,z", Set("axis", 1L)).Output("z", ElementType.Float32));

    [Theory]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    [InlineData("Hardmax")]
    public void Softmax_over_flattened_axes(string op)
    {
        foreach (long axis in new long[] { 0, 1, 2, 3 })
        {
            Same(9, Normal(1, 2, 3, 2, 4), g => g.Node(op, "x", "y", Set("axis", axis)));
            Same(12, Normal(1, 2, 3, 2, 4), g => g.Node("Identity", "x", "i").Node(op, "i", "y", Set("axis", axis)));
        }

        Same(9, Normal(1, 2, 3, 4), g => g.Node(op, "x", "y"));
        Same(11, Normal(1, 2, 3, 4), g => g.Node(op, "x", "y", Set("axis", -1L)));
        Same(12, Normal(1, 2, 3, 4), g => g.Node(op, "x", "y", Set("axis", -2L)));
        Same(13, Normal(1, 2, 3, 4), g => g.Node(op, "x", "y", Set("axis", 1L)));
    }

    [Fact]
    public void Softmax_along_the_last_axis_stays_one_node()
    {
        using OnnxModel model = new TestGraph(11).Input("x", ElementType.Float32, 2, 3, 4).Node("Softmax", "x", "y", Set("axis", 2L)).Output("y", ElementType.Float32).Build();
        OpsetRaise.Run(model.Proto);
        Assert.Equal(-1, Assert.Single(Assert.Single(model.Proto.Graph.Node).Attribute).I);
    }

    [Fact]
    public void Slice_bounds()
    {
        Same(9, Normal(1, 4, 5), g => g.Node("Slice", "x", "y", Set("starts", new long[] { 1 }, "ends", new long[] { -1 }, "axes", new long[] { 1 })));
        Same(9, Normal(1, 4, 5), g => g.Node("Slice", "x", "y", Set("starts", new long[] { 1, 0 }, "ends", new long[] { 100, 2 })));
        Same(10, Normal(1, 4, 5), g => g.Ints("s", [1], 0).Ints("e", [1], 2).Node("Slice", "x,s,e", "y"));
    }

    [Fact]
    public void Pad_amounts()
    {
        long[] pads = [0, 1, 2, 0];
        Same(9, Normal(1, 4, 5), g => g.Node("Pad", "x", "y", Set("pads", pads)));
        Same(9, Normal(1, 4, 5), g => g.Node("Pad", "x", "y", Set("pads", pads, "value", 1.5f)));
        Same(9, Normal(1, 4, 5), g => g.Node("Neg", "x", "n").Node("Pad", "n", "y", Set("pads", pads, "value", 1.5f)));
        Same(10, Normal(1, 4, 5), g => g.Node("Pad", "x", "y", Set("pads", pads, "mode", "reflect")));
    }

    [Fact]
    public void Clip_bounds()
    {
        Same(9, Normal(1, 4, 5), g => g.Node("Clip", "x", "y", Set("min", -0.5f, "max", 0.25f)));
        Same(9, Normal(1, 4, 5), g => g.Node("Neg", "x", "n").Node("Clip", "n", "y", Set("max", 0.25f)));
        Same(10, Normal(1, 4, 5), g => g.Node("Clip", "x", "y", Set("min", 0f)));
        Same(10, Normal(1, 4, 5), g => g.Node("Clip", "x", "y"));
    }

    [Fact]
    public void Dropout_ratio_and_mask()
    {
        Same(9, Normal(1, 4, 5), g => g.Node("Dropout", "x", "y", Set("ratio", 0.1f)));

        // What a mask holds where nothing is dropped was not said before set 12: only its type can be compared.
        Same(10, Normal(1, 4, 5), g => g.Node("Dropout", "x", "y,m", Set("ratio", 0.1f)).Node("Shape", "m", "s").Output("s", ElementType.Int64));
        Same(11, Normal(1, 4, 5), g => g.Node("Dropout", "x", "y"));
        using OnnxModel model = new TestGraph(7).Input("x", ElementType.Float32, 2).Node("Dropout", "x", "y,m", Set("ratio", 0.1f))
            .Output("y", ElementType.Float32).Output("m", ElementType.Float32, 2).Build();
        OpsetRaise.Run(model.Proto);
        using var session = new OrtSession(model);
        Assert.Equal(ElementType.Float32, session.Run(new Dictionary<string, RuntimeTensor> { ["x"] = Normal(1, 2) })["m"].ElementType);
    }

    [Fact]
    public void TopK_count()
    {
        Same(9, Normal(1, 3, 7), g => g.Node("TopK", "x", "y,i", Set("k", 3L)).Output("i", ElementType.Int64));
        Same(9, Normal(1, 7, 3), g => g.Node("TopK", "x", "y,i", Set("k", 2L, "axis", 0L)).Output("i", ElementType.Int64));
        Same(10, Normal(1, 3, 7), g => g.Ints("k", [1], 2).Node("TopK", "x,k", "y,i").Output("i", ElementType.Int64));
    }

    [Fact]
    public void Scatter_has_another_name() => Same(
        9, Normal(1, 3, 3), g => g.Ints("i", [1, 2], 2, 0).Floats("u", [1, 2], [7, 8]).Node("Scatter", "x,i,u", "y", Set("axis", 1L)));

    public static TheoryData<string, float[]> Scales => new()
    {
        { "nearest", [1, 1, 2, 3] },
        { "nearest", [1, 1, 1.5f, 2.5f] },
        { "nearest", [1, 1, 0.5f, 0.4f] },
        { "linear", [1, 1, 2, 2] },
        { "linear", [1, 1, 1.5f, 2.5f] },
        { "linear", [1, 1, 0.5f, 0.5f] },
    };

    [Theory]
    [MemberData(nameof(Scales))]
    public void Upsample_and_resize(string mode, float[] scales)
    {
        if (scales.Min() >= 1)
        {
            Same(8, Normal(1, Picture), g => g.Node("Upsample", "x", "y", Set("mode", mode, "scales", scales)));
            Same(9, Normal(1, Picture), g => g.Floats("s", [4], scales).Node("Upsample", "x,s", "y", Set("mode", mode)));
        }

        Same(10, Normal(1, Picture), g => g.Floats("s", [4], scales).Node("Resize", "x,s", "y", Set("mode", mode)));
        Same(11, Normal(1, Picture), g => g.Floats("r", [0], []).Floats("s", [4], scales).Node("Resize", "x,r,s", "y", Set("mode", mode)));
    }

    [Fact]
    public void Resize_to_sizes() => Same(
        11, Normal(1, Picture), g => g.Floats("e", [0], []).Ints("s", [4], 1, 2, 7, 9)
            .Node("Resize", "x,e,e,s", "y", Set("mode", "cubic", "coordinate_transformation_mode", "pytorch_half_pixel", "cubic_coeff_a", -0.75f)));

    [Theory]
    [InlineData(7L)]
    [InlineData(9L)]
    [InlineData(14L)]
    public void BatchNormalization(long opset) => Same(opset, Normal(1, Picture), g => g
        .Floats("g", [2], [1, 2]).Floats("b", [2], [0, 1]).Floats("m", [2], [0.5f, -0.5f]).Floats("v", [2], [1, 2])
        .Node("BatchNormalization", "x,g,b,m,v", "y", Set("epsilon", 1e-3f)));

    [Fact]
    public void Gemm_and_others_stay()
    {
        Same(9, Normal(1, 3, 4), g => g.Weight("b", 2, 4, 5).Weight("c", 3, 5).Node("Gemm", "x,b,c", "y"));
        Same(9, Normal(1, 3, 4), g => g.Node("Cast", "x", "y", Set("to", 11L)), ElementType.Float64);
        Same(9, Normal(1, 3, 4), g => g.Node("Flatten", "x", "y"));
    }

    [Fact]
    public void Graphs_inside_graphs_too()
    {
        GraphProto Branch(string op) => new()
        {
            Name = op,
            Node = { TestGraph.NodeOf("Softmax", "i", op + "_s", ("axis", 1L)), TestGraph.NodeOf(op, op + "_s", op + "_y", ("axes", new long[] { 1 })) },
            Output = { TestGraph.Info(op + "_y", ElementType.Float32) },
        };
        Same(11, Normal(1, 2, 3, 4), g => g
            .Initializer(Tensors.Scalar("yes", ElementType.Bool, 1)).Node("Identity", "x", "i")
            .Node("If", "yes", "y", ("then_branch", Branch("ReduceSum")), ("else_branch", Branch("ReduceMean"))));
    }

    [Fact]
    public void A_model_of_set_18_stays_as_it_is()
    {
        using OnnxModel model = new TestGraph(18).Input("x", ElementType.Float32, 2).Node("Softmax", "x", "y").Output("y", ElementType.Float32).Build();
        ModelProto before = model.Proto.Clone();
        OpsetRaise.Run(model.Proto);
        Assert.Equal(before, model.Proto);
    }

    [Fact]
    public void Nodes_of_other_domains_stay_as_they_are()
    {
        using OnnxModel model = new TestGraph(11).Input("x", ElementType.Float32, 2)
            .Node("com.microsoft.Squeeze", "x", "y", Set("axes", new long[] { 0 })).Output("y", ElementType.Float32).Build();
        NodeProto before = model.Proto.Graph.Node[0].Clone();
        OpsetRaise.Run(model.Proto);
        Assert.Equal(before, Assert.Single(model.Proto.Graph.Node));
        Assert.Equal([18L, 1L], model.Proto.OpsetImport.Select(o => o.Version));
    }

    [Fact]
    public void What_cannot_be_raised_names_the_node()
    {
        Refused(10, "n_y", "in two steps", g => g.Floats("s", [4], [1, 1, 2, 0.5f]).Node("Resize", "x,s", "y"));
        Refused(10, "n_y", "are computed", g => g.Floats("s", [4], [1, 1, 2, 2]).Node("Neg", "s", "t").Node("Resize", "x,t", "y"));
        Refused(11, "n_y", "tf_half_pixel_for_nn", g => g.Node("Resize", "x", "y", Set("coordinate_transformation_mode", "tf_half_pixel_for_nn")));
        Refused(7, "n_y", "spatial 0", g => g.Node("BatchNormalization", "x", "y", Set("spatial", 0L)));
        Refused(11, "n_y,m", "exported for training", g => g.Node("BatchNormalization", "x", "y,m"));
        Refused(8, "n_y", "batch axis", g => g.Node("Scan", "x", "y"));
        Refused(6, "", "is of operator set 6", g => g.Node("Neg", "x", "y"));
    }

    private static void Refused(long opset, string node, string reason, Action<TestGraph> build)
    {
        using OnnxModel model = Build(opset, Normal(1, Picture), build, ElementType.Float32);
        string message = Assert.Throws<CannotTrainException>(() => OpsetRaise.Run(model.Proto)).Message;
        Assert.Contains(node, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    private static void Same(long opset, RuntimeTensor x, Action<TestGraph> build, ElementType result = ElementType.Float32)
    {
        using OnnxModel model = Build(opset, x, build, result);
        var inputs = new Dictionary<string, RuntimeTensor> { ["x"] = x };
        RaisedModels.AssertSame(model, [inputs]);
    }

    private static OnnxModel Build(long opset, RuntimeTensor x, Action<TestGraph> build, ElementType result)
    {
        var graph = new TestGraph(opset).Input("x", ElementType.Float32, [.. x.Dims.Select(d => (object)d)]);
        build(graph);
        OnnxModel model = graph.Output("y", result).Build();
        foreach (ValueInfoProto output in model.Proto.Graph.Output)
        {
            output.Type.TensorType.Shape = null;
        }

        return model;
    }
}
