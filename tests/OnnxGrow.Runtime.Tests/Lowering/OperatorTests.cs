using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

/// <summary>Operators of the default domain, with a float64 kernel or lowered: each runs, and gives what float32 gives.</summary>
public class OperatorTests
{
    private static readonly RuntimeTensor X = Support.Normal(1, 2, 3, 4);
    private static readonly RuntimeTensor Unit = RuntimeTensor.FromDoubles(F, [7], [-1, -0.99, -0.3, 0, 0.4, 0.7, 1]);
    private static readonly RuntimeTensor Wide = RuntimeTensor.FromDoubles(F, [9], [-30, -3, -1, -1e-3, 0, 1e-5, 0.5, 2, 40]);
    private static readonly RuntimeTensor Above = RuntimeTensor.FromDoubles(F, [5], [1, 1.0001, 1.5, 2, 40]);
    private static readonly RuntimeTensor Image = Support.Normal(2, 2, 3, 6, 7);

    [Theory]
    [InlineData("Abs")]
    [InlineData("Neg")]
    [InlineData("Ceil")]
    [InlineData("Floor")]
    [InlineData("Round")]
    [InlineData("Sign")]
    [InlineData("Exp")]
    [InlineData("Reciprocal")]
    [InlineData("Relu")]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("Sin")]
    [InlineData("Cos")]
    [InlineData("Tan")]
    [InlineData("Atan")]
    [InlineData("Sinh")]
    [InlineData("Cosh")]
    [InlineData("Asinh")]
    [InlineData("Softplus")]
    [InlineData("Softsign")]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    [InlineData("Size:Int64")]
    [InlineData("Shape:Int64")]
    [InlineData("IsNaN:Bool")]
    [InlineData("IsInf:Bool")]
    [InlineData("NonZero:Int64")]
    [InlineData("Flatten")]
    [InlineData("Identity")]
    [InlineData("ArgMax:Int64")]
    [InlineData("ArgMin:Int64")]
    [InlineData("ReduceL1")]
    [InlineData("ReduceL2")]
    [InlineData("ReduceLogSumExp")]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMin")]
    [InlineData("ReduceMean")]
    [InlineData("ReduceProd")]
    [InlineData("ReduceSum")]
    [InlineData("ReduceSumSquare")]
    [InlineData("Dropout")]
    [InlineData("Transpose")]
    [InlineData("Trilu")]
    [InlineData("LpNormalization")]
    [InlineData("MeanVarianceNormalization")]
    [InlineData("Shrink")]
    public void Unary(string op)
    {
        string[] parts = op.Split(':');
        string[] skip = ["Trilu", "LpNormalization", "MeanVarianceNormalization", "Shrink"];
        RuntimeTensor x = op == "MeanVarianceNormalization" ? Image : parts[0] is "Exp" or "Sinh" or "Cosh" || skip.Contains(parts[0]) || parts[0].StartsWith("Reduce", StringComparison.Ordinal) ? X : Wide;
        x = parts[0] is "Flatten" or "Transpose" or "ArgMax" or "ArgMin" or "Softmax" or "LogSoftmax" ? X : x;
        Node(parts[0], 17, parts.Length > 1 ? "y:" + parts[1] : "y", [], ("x", x));
    }

    [Fact]
    public void Inverses_and_logarithms()
    {
        Node("Acos", 17, "y", [], ("x", Unit));
        Node("Asin", 17, "y", [], ("x", Unit));
        Node("Atan", 22, "y", [], ("x", Wide));
        Node("Atanh", 17, "y", [], ("x", RuntimeTensor.FromDoubles(F, [4], [-0.9, 0, 1e-4, 0.99])));
        Node("Acosh", 17, "y", [], ("x", Above));
        Node("Log", 17, "y", [], ("x", Above));
        Node("Sqrt", 17, "y", [], ("x", Above));
        Node("ReduceLogSum", 17, "y", [], ("x", Above));
    }

    [Theory]
    [InlineData("Add")]
    [InlineData("Sub")]
    [InlineData("Mul")]
    [InlineData("Div")]
    [InlineData("Pow")]
    [InlineData("Max")]
    [InlineData("Min")]
    [InlineData("Sum")]
    [InlineData("Mean")]
    [InlineData("PRelu")]
    [InlineData("MatMul")]
    [InlineData("Equal:Bool")]
    [InlineData("Greater:Bool")]
    [InlineData("Less:Bool")]
    [InlineData("GreaterOrEqual:Bool")]
    [InlineData("LessOrEqual:Bool")]
    public void Binary(string op)
    {
        string[] parts = op.Split(':');
        RuntimeTensor a = parts[0] == "Pow" ? RuntimeTensor.FromDoubles(F, [4], [0.5, 1, 2, 3]) : X;
        RuntimeTensor b = parts[0] == "MatMul" ? Support.Normal(4, 4, 5) : Support.Normal(4, 4);
        Node(parts[0], 17, parts.Length > 1 ? "y:" + parts[1] : "y", [], ("a", a), ("b", b));
    }

    [Fact]
    public void Remainders()
    {
        RuntimeTensor a = RuntimeTensor.FromDoubles(F, [6], [5.5, -5.5, 3, -3, 0.25, -7]);
        RuntimeTensor b = RuntimeTensor.FromDoubles(F, [6], [2, 2, -2, -2, 0.75, 3.5]);
        Node("Mod", 17, "y", Set("fmod", 1L), ("a", a), ("b", b));
    }

    [Fact]
    public void Choices()
    {
        RuntimeTensor truths = Ints(ElementType.Bool, [2, 1, 4], 1, 0, 0, 1, 0, 1, 1, 0);
        RuntimeTensor ids = Ints(ElementType.Int64, [2, 2], 1, 0, -1, 2);
        Node("Where", 17, "y", [], ("c", truths), ("x", X), ("z", Support.Normal(5, 4)));
        Node("Gather", 17, "y", Set("axis", 1L), ("x", X), ("i", ids));
        Node("GatherElements", 17, "y", Set("axis", 2L), ("x", X), ("i", Ints(ElementType.Int64, [2, 3, 1], 0, 1, 2, 3, -1, 0)));
        Node("GatherND", 17, "y", [], ("x", X), ("i", Ints(ElementType.Int64, [2, 2], 0, 1, 1, 2)));
        Node("ScatterElements", 17, "y", Set("axis", 2L), ("x", X), ("i", Ints(ElementType.Int64, [2, 3, 1], 0, 1, 2, 3, 1, 0)), ("u", Support.Normal(6, 2, 3, 1)));
        Node("ScatterElements", 18, "y", Set("axis", 2L, "reduction", "add"), ("x", X), ("i", Ints(ElementType.Int64, [2, 3, 1], 0, 1, 2, 3, 1, 0)), ("u", Support.Normal(6, 2, 3, 1)));
        Node("ScatterND", 17, "y", [], ("x", X), ("i", Ints(ElementType.Int64, [2, 2], 0, 1, 1, 2)), ("u", Support.Normal(6, 2, 4)));
        Node("ScatterND", 18, "y", Set("reduction", "max"), ("x", X), ("i", Ints(ElementType.Int64, [2, 2], 0, 1, 1, 2)), ("u", Support.Normal(6, 2, 4)));
        Node("TopK", 17, "y,i:Int64", Set("axis", 2L), ("x", X), ("k", Ints(ElementType.Int64, [1], 2)));
        Node("Compress", 17, "y", Set("axis", 1L), ("x", X), ("c", Ints(ElementType.Bool, [3], 1, 0, 1)));
        Node("CumSum", 17, "y", Set("exclusive", 1L, "reverse", 1L), ("x", X), ("a", Ints(ElementType.Int64, [], 1)));
        Node("Unique", 17, "y", [], ("x", X));
        Node("Trilu", 17, "y", Set("upper", 0L), ("x", X), ("k", Ints(ElementType.Int64, [], 1)));
    }

    [Fact]
    public void Shapes()
    {
        Node("Reshape", 17, "y", [], ("x", X), ("s", Ints(ElementType.Int64, [2], 6, -1)));
        Node("Expand", 17, "y", [], ("x", X), ("s", Ints(ElementType.Int64, [4], 2, 2, 3, 4)));
        Node("Tile", 17, "y", [], ("x", X), ("s", Ints(ElementType.Int64, [3], 1, 2, 1)));
        Node("Unsqueeze", 17, "y", [], ("x", X), ("s", Ints(ElementType.Int64, [1], 1)));
        Node("Concat", 17, "y", Set("axis", 1L), ("a", X), ("b", Support.Normal(4, 2, 1, 4)));
        Node("Split", 17, "y,z,w", Set("axis", 1L), ("x", X));
        Node("Slice", 17, "y", [], ("x", X), ("s", Ints(ElementType.Int64, [1], -1)), ("e", Ints(ElementType.Int64, [1], -9)), ("a", Ints(ElementType.Int64, [1], 2)), ("t", Ints(ElementType.Int64, [1], -2)));
        Node("DepthToSpace", 17, "y", Set("blocksize", 2L), ("x", Support.Normal(1, 1, 8, 2, 3)));
        Node("SpaceToDepth", 17, "y", Set("blocksize", 2L), ("x", Support.Normal(1, 1, 2, 4, 6)));
        Node("ReverseSequence", 17, "y", Set("batch_axis", 0L, "time_axis", 1L), ("x", X), ("l", Ints(ElementType.Int64, [2], 3, 2)));
        Node("EyeLike", 17, "y", [], ("x", Support.Normal(1, 3, 4)));
        Node("Range", 17, "y", [], ("s", RuntimeTensor.FromDoubles(F, [], [0.5])), ("e", RuntimeTensor.FromDoubles(F, [], [3])), ("d", RuntimeTensor.FromDoubles(F, [], [0.75])));
        foreach (string mode in new[] { "constant", "reflect", "edge" })
        {
            Node("Pad", 17, "y", Set("mode", mode), ("x", X), ("p", Ints(ElementType.Int64, [6], 0, 1, 1, 1, 0, 2)));
        }

        Node("CastLike", 17, "y", [], ("x", Ints(ElementType.Int64, [2], 3, 4)), ("z", X));
        Node("Cast", 17, "y:Int64", Set("to", 7L), ("x", Wide));
    }

    [Theory]
    [InlineData("bhij,bhjk->bhik")]
    [InlineData("bhid,bhjd->bhij")]
    [InlineData("bhii->bhi")]
    public void Einsum(string equation) =>
        Node("Einsum", 17, "y", Set("equation", equation), equation.Contains(',', StringComparison.Ordinal)
            ? [("a", Support.Normal(1, 2, 3, 4, 4)), ("b", Support.Normal(2, 2, 3, 4, 4))]
            : [("a", Support.Normal(1, 2, 3, 4, 4))]);

    public static TheoryData<string, object[]> Pools => new()
    {
        { "AveragePool", ["kernel_shape", new long[] { 2, 3 }] },
        { "AveragePool", ["kernel_shape", new long[] { 3, 3 }, "strides", new long[] { 2, 2 }, "pads", new long[] { 1, 1, 1, 1 }] },
        { "AveragePool", ["kernel_shape", new long[] { 3, 3 }, "strides", new long[] { 2, 2 }, "pads", new long[] { 1, 0, 1, 2 }, "count_include_pad", 1L] },
        { "AveragePool", ["kernel_shape", new long[] { 2, 2 }, "strides", new long[] { 2, 2 }, "auto_pad", "VALID"] },
        { "MaxPool", ["kernel_shape", new long[] { 2, 3 }] },
        { "MaxPool", ["kernel_shape", new long[] { 3, 3 }, "strides", new long[] { 2, 2 }, "pads", new long[] { 1, 1, 1, 1 }, "ceil_mode", 1L] },
        { "GlobalAveragePool", [] },
        { "GlobalMaxPool", [] },
        { "AveragePool", ["kernel_shape", new long[] { 1, 2 }, "strides", new long[] { 3, 1 }] },
    };

    [Theory]
    [MemberData(nameof(Pools))]
    public void Pools_agree(string op, object[] attributes) => Node(op, 17, "y", Set(attributes), ("x", Image));

    [Theory]
    [InlineData("half_pixel", "round_prefer_floor")]
    [InlineData("asymmetric", "floor")]
    [InlineData("align_corners", "round_prefer_ceil")]
    [InlineData("pytorch_half_pixel", "ceil")]
    public void Resize_agrees(string coordinates, string nearest)
    {
        foreach (double factor in new[] { 2, 1.7, 0.6 })
        {
            RuntimeTensor scales = RuntimeTensor.FromDoubles(F, [4], [1, 1, factor, 2]);
            Node("Resize", 17, "y", Set("coordinate_transformation_mode", coordinates, "nearest_mode", nearest), ("x", Image), ("r", null), ("s", scales));
            Node("Resize", 17, "y", Set("mode", "linear", "coordinate_transformation_mode", coordinates), ("x", Image), ("r", null), ("s", scales));
        }

        OnnxModel sized = Open(new TestGraph(19).Input("x", F, "n", "c", "h", "w").Output("y", F).Ints("z", [4], 2, 3, 4, 9)
            .Node("Resize", "x,,,z", "y", Set("mode", "linear", "coordinate_transformation_mode", coordinates)).Build());
        Agrees(sized, 1e-5, ("x", Image));
        OnnxModel some = Open(new TestGraph(19).Input("x", F, "n", "c", "h", "w").Output("y", F).Ints("z", [2], 8, 3)
            .Node("Resize", "x,,,z", "y", Set("axes", new long[] { 3, 2 }, "nearest_mode", nearest, "coordinate_transformation_mode", coordinates)).Build());
        Agrees(some, 1e-5, ("x", Image));
    }

    [Fact]
    public void Older_resizing_agrees()
    {
        RuntimeTensor scales = RuntimeTensor.FromDoubles(F, [4], [1, 1, 2, 3]);
        foreach (string mode in new[] { "nearest", "linear" })
        {
            Node("Resize", 10, "y", Set("mode", mode), ("x", Image), ("s", scales));
            Node("Upsample", 9, "y", Set("mode", mode), ("x", Image), ("s", scales));
        }

        // 5/3 of 3 is 5 in float32, and 4.9999998 by the float32 factor.
        OnnxModel model = Open(new TestGraph(17).Input("x", F, "n", "c", 3, "w").Output("y", F).Floats("s", [4], [1, 1, 5f / 3, 1]).Node("Resize", "x,,s", "y").Build());
        Agrees(model, 1e-6, ("x", Support.Normal(3, 1, 1, 3, 2)));
    }

    public static TheoryData<object[]> Transposed => new()
    {
        { [] },
        { ["strides", new long[] { 2, 2 }] },
        { ["strides", new long[] { 2, 1 }, "pads", new long[] { 1, 0, 1, 1 }, "output_padding", new long[] { 1, 0 }, "dilations", new long[] { 1, 2 }] },
        { ["strides", new long[] { 3, 2 }, "group", 2L, "pads", new long[] { 2, 1, 0, 2 }] },
    };

    [Theory]
    [MemberData(nameof(Transposed))]
    public void ConvTranspose_agrees(object[] attributes)
    {
        OnnxModel model = Open(new TestGraph(17).Input("x", F, "n", 4, "h", "w").Output("y", F).Weight("k", 1, 4, 2, 3, 3)
            .Weight("b", 2, attributes.Contains("group") ? 4 : 2).Node("ConvTranspose", "x,k,b", "y", Set(attributes)).Build());
        Agrees(model, 1e-5, ("x", Support.Normal(3, 2, 4, 5, 4)));
    }

    [Fact]
    public void Arc_functions_are_right_to_the_last_places()
    {
        double[] x = [-1, -0.999999, -0.5, -1e-9, 0, 1e-3, 0.2, 0.41, 0.9, 1];
        Right("Atan", Math.Atan, [-1e300, -40, -1.001, -2.4, .. x, 7, 1e8, double.PositiveInfinity]);
        Right("Asin", Math.Asin, x);
        Right("Acos", Math.Acos, x);
        Right("Tan", Math.Tan, x);
        Right("Sinh", Math.Sinh, x);
        Right("Cosh", Math.Cosh, x);
        Right("Asinh", Math.Asinh, [-1e5, .. x, 50]);
        Right("Acosh", Math.Acosh, [1, 1.5, 70]);
        Right("Atanh", Math.Atanh, [-0.999, -0.5, 0, 0.9]);
    }

    private static void Right(string op, Func<double, double> function, double[] x)
    {
        OnnxModel model = new TestGraph(17).Input("x", F, "n").Output("y", F, "n").Node(op, "x", "y").Build();
        double[] y = Support.RunLifted(model, ("x", Support.Doubles(x))).ToDoubles();
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(function(x[i]), y[i], 1e-15 * Math.Max(1, Math.Abs(function(x[i]))));
        }
    }

    [Fact]
    public void Products()
    {
        Node("Gemm", 17, "y", Set("alpha", 0.5f, "beta", 2f, "transA", 1L), ("a", Support.Normal(1, 3, 4)), ("b", Support.Normal(2, 3, 5)), ("c", Support.Normal(3, 5)));
        Node("DFT", 17, "y", [], ("x", Support.Normal(1, 2, 8, 1)));
    }
}
