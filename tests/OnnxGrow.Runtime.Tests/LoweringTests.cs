using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness;
using Xunit;

namespace OnnxGrow.Runtime.Tests;

public class LoweringTests
{
    private const ElementType F = ElementType.Float32;

    [Fact]
    public void Erf_is_right_to_the_last_places()
    {
        double[] x = [.. Enumerable.Range(0, ErfTable.Values.GetLength(0)).Select(i => ErfTable.Values[i, 0])];
        double[] y = Erf(x);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = ErfTable.Values[i, 1];
            Assert.True(Math.Abs(y[i] - expected) <= 3e-16 * Math.Abs(expected), $"erf({x[i]:R}) = {y[i]:R}, should be {expected:R}");
        }
    }

    [Fact]
    public void Erf_keeps_infinities_and_NaN()
    {
        Assert.Equal([1, -1, double.NaN, 0], Erf([double.PositiveInfinity, double.NegativeInfinity, double.NaN, 0]));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(20)]
    public void Erf_is_lowered_at_every_opset(long opset)
    {
        OnnxModel model = new TestGraph(opset).Input("x", F, "n").Output("y", F, "n").Node("Erf", "x", "y").Build();
        Agrees(model, 1e-6, ("x", Support.Normal(1, 100)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void Gelu_agrees(string approximate) => Agrees(
        new TestGraph(20).Input("x", F, "n").Output("y", F, "n").Node("Gelu", "x", "y", ("approximate", approximate)).Build(),
        1e-6,
        ("x", Support.Normal(2, 500)));

    [Fact]
    public void Gelu_is_exact_in_double()
    {
        OnnxModel model = new TestGraph(20).Input("x", F, "n").Output("y", F, "n").Node("Gelu", "x", "y").Build();
        double x = ErfTable.Values[5, 0];
        double y = Support.RunLifted(model, ("x", Support.Doubles(x * Math.Sqrt(2)))).ToDoubles()[0];
        Assert.Equal(x * Math.Sqrt(2) / 2 * (1 + ErfTable.Values[5, 1]), y, 1e-15);
    }

    [Fact]
    public void Softplus_is_exact_in_double()
    {
        OnnxModel model = new TestGraph().Input("x", F, "n").Output("y", F, "n").Node("Softplus", "x", "y").Build();
        double[] x = [-800, -50, -30, -1, -1e-9, 0, 1e-9, 1, 30, 800, double.PositiveInfinity, double.NegativeInfinity];
        double[] y = Support.RunLifted(model, ("x", Support.Doubles(x))).ToDoubles();
        for (int i = 0; i < x.Length - 2; i++)
        {
            double expected = Math.Max(x[i], 0) + Log1P(Math.Exp(-Math.Abs(x[i])));
            Assert.Equal(expected, y[i], Math.Abs(expected) * 4e-16);
        }

        Assert.Equal(double.PositiveInfinity, y[^2]);
        Assert.Equal(0, y[^1]);
    }

    public static TheoryData<string, long, object[]> Unary => new()
    {
        { "Softplus", 12, [] },
        { "Softsign", 12, [] },
        { "Elu", 12, ["alpha", 0.7f] },
        { "Selu", 12, [] },
        { "Celu", 12, ["alpha", 1.3f] },
        { "HardSigmoid", 12, ["alpha", 0.3f] },
        { "HardSwish", 17, [] },
        { "LeakyRelu", 12, ["alpha", 0.1f] },
        { "ThresholdedRelu", 12, ["alpha", 0.4f] },
        { "Mish", 20, [] },
        { "Clip", 10, ["min", -0.5f, "max", 0.25f] },
        { "GlobalAveragePool", 12, [] },
        { "GlobalMaxPool", 18, [] },
        { "NonZero", 12, [] },
    };

    [Theory]
    [MemberData(nameof(Unary))]
    public void Unary_operators_agree_with_the_float32_kernels(string op, long opset, object[] attributes)
    {
        OnnxModel model = new TestGraph(opset).Input("x", F, "a", 3, 4, 5)
            .Output("y", op == "NonZero" ? ElementType.Int64 : F).Node(op, "x", "y", [.. attributes.Chunk(2).Select(a => ((string)a[0], a[1]))]).Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        Agrees(model, 1e-6, ("x", Support.Normal(3, 2, 3, 4, 5)));
    }

    [Fact]
    public void PRelu_agrees() => Agrees(
        new TestGraph(12).Input("x", F, 4, 3).Output("y", F, 4, 3).Weight("s", 1, 3).Node("PRelu", "x,s", "y").Build(),
        1e-6,
        ("x", Support.Normal(1, 4, 3)));

    [Fact]
    public void Mean_agrees() => Agrees(
        new TestGraph(12).Input("x", F, 4, 3).Output("y", F, 4, 3).Weight("s", 1, 3).Weight("t", 2, 4, 1).Node("Mean", "x,s,t", "y").Build(),
        1e-6,
        ("x", Support.Normal(1, 4, 3)));

    [Fact]
    public void OneHot_agrees() => Agrees(
        new TestGraph(12).Input("x", ElementType.Int64, "n").Output("y", F, "n", 5).Ints("depth", [1], 5).Floats("v", [2], [-0.5f, 2])
            .Node("OneHot", "x,depth,v", "y").Build(),
        1e-6,
        ("x", RuntimeTensor.FromIntegers(ElementType.Int64, [4], [0, 4, 2, -1])));

    [Theory]
    [InlineData(17, -1L, true)]
    [InlineData(17, 1L, true)]
    [InlineData(17, -2L, false)]
    [InlineData(20, 2L, true)]
    public void LayerNormalization_agrees_in_all_outputs(long opset, long axis, bool bias)
    {
        long[] dims = axis is -1 or 2 ? [5] : [3, 5];
        OnnxModel model = new TestGraph(opset).Input("x", F, "n", 3, 5).Output("y", F).Output("m", F).Output("r", F)
            .Weight("g", 1, dims).Weight("b", 2, dims)
            .Node("LayerNormalization", bias ? "x,g,b" : "x,g", "y,m,r", ("axis", axis), ("epsilon", 1e-3f)).Build();
        foreach (global::Onnx.ValueInfoProto output in model.Proto.Graph.Output)
        {
            output.Type.TensorType.Shape = null;
        }

        Agrees(model, 1e-5, ("x", Support.Normal(4, 2, 3, 5)));
    }

    [Fact]
    public void Normalizations_agree()
    {
        OnnxModel rms = new TestGraph(23).Input("x", F, "n", 5).Output("y", F, "n", 5).Weight("g", 1, 5)
            .Node("RMSNormalization", "x,g", "y", ("epsilon", 1e-2f)).Build();
        Agrees(rms, 1e-5, ("x", Support.Normal(5, 4, 5)));
        OnnxModel batch = new TestGraph(15).Input("x", F, "n", 5, 3).Output("y", F, "n", 5, 3).Weight("g", 1, 5).Weight("b", 2, 5).Weight("m", 3, 5)
            .Floats("v", [5], [1, 2, 0.5f, 0.1f, 3]).Node("BatchNormalization", "x,g,b,m,v", "y", ("epsilon", 1e-2f)).Build();
        Agrees(batch, 1e-5, ("x", Support.Normal(6, 4, 5, 3)));
        OnnxModel instance = new TestGraph(12).Input("x", F, "n", 4, 3, 2).Output("y", F, "n", 4, 3, 2).Weight("g", 1, 4).Weight("b", 2, 4)
            .Node("InstanceNormalization", "x,g,b", "y", ("epsilon", 1e-2f)).Build();
        Agrees(instance, 1e-5, ("x", Support.Normal(7, 2, 4, 3, 2)));
        foreach (long opset in new long[] { 18, 21 })
        {
            OnnxModel group = new TestGraph(opset).Input("x", F, "n", 4, 3, 2).Output("y", F, "n", 4, 3, 2).Weight("g", 1, opset < 21 ? 2 : 4)
                .Weight("b", 2, opset < 21 ? 2 : 4).Node("GroupNormalization", "x,g,b", "y", ("num_groups", 2), ("epsilon", 1e-2f)).Build();
            Agrees(group, 1e-5, ("x", Support.Normal(8, 2, 4, 3, 2)));
        }
    }

    public static TheoryData<string, object[]> Convolutions => new()
    {
        { "3x3", [] },
        { "3x3", ["pads", new long[] { 1, 0, 2, 1 }, "strides", new long[] { 2, 1 }] },
        { "3x3", ["dilations", new long[] { 2, 1 }, "strides", new long[] { 1, 3 }] },
        { "2x2", ["strides", new long[] { 2, 2 }] },
        { "1x1", [] },
        { "group", ["group", 2L, "pads", new long[] { 1, 1, 1, 1 }] },
        { "depthwise", ["group", 4L] },
        { "3x3", ["auto_pad", "SAME_UPPER", "strides", new long[] { 2, 2 }] },
        { "3x3", ["auto_pad", "SAME_LOWER"] },
        { "3x3", ["auto_pad", "VALID"] },
        { "1d", ["pads", new long[] { 1, 1 }, "strides", new long[] { 2 }] },
    };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Conv_agrees(string kernel, object[] attributes)
    {
        long[] weight = kernel switch
        {
            "3x3" => [6, 4, 3, 3],
            "2x2" => [6, 4, 2, 2],
            "1x1" => [6, 4, 1, 1],
            "group" => [6, 2, 3, 3],
            "depthwise" => [8, 1, 3, 2],
            _ => [6, 4, 3],
        };
        object[] dims = kernel == "1d" ? ["n", 4, 9] : ["n", 4, 9, 8];
        foreach ((bool bias, long opset) in new[] { (false, 12L), (true, 12L), (true, 9L) })
        {
            OnnxModel model = new TestGraph(opset).Input("x", F, dims).Output("y", F).Weight("w", 1, weight).Weight("b", 2, weight[0])
                .Node("Conv", bias ? "x,w,b" : "x,w", "y", [.. attributes.Chunk(2).Select(a => ((string)a[0], a[1]))]).Build();
            model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
            Agrees(model, 1e-5, ("x", kernel == "1d" ? Support.Normal(9, 3, 4, 9) : Support.Normal(9, 3, 4, 9, 8)));
        }
    }

    [Fact]
    public void Global_pools_need_no_rank_in_the_file()
    {
        OnnxModel model = new TestGraph(12).Input("x", F, "n", 4, 6).Input("s", ElementType.Int64, "r").Output("y", F)
            .Node("Reshape", "x,s", "t").Node("GlobalAveragePool", "t", "y").Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        Agrees(model, 1e-6, ("x", Support.Normal(3, 2, 4, 6)), ("s", RuntimeTensor.FromIntegers(ElementType.Int64, [4], [2, 4, 2, 3])));
    }

    [Fact]
    public void Gemm_takes_an_exact_alpha()
    {
        OnnxModel model = new TestGraph(12).Input("x", F, "n", 3).Output("y", F, "n", 2).Weight("w", 1, 2, 3).Weight("b", 2, 2)
            .Node("Gemm", "x,w,b", "y", ("alpha", 0.1f), ("transB", 1)).Build();
        RuntimeTensor x = Support.Normal(3, 4, 3).ConvertTo(ElementType.Float64);
        var exact = new Dictionary<global::Onnx.AttributeProto, double>(ReferenceEqualityComparer.Instance) { [model.Proto.Graph.Node[0].Attribute[0]] = 0.1 };
        using OnnxModel rounded = Float64Lift.Lift(model);
        using OnnxModel lifted = Float64Lift.Lift(model, exact);
        double[] a = Support.Run(rounded, ("x", x))["y"].ToDoubles();
        double[] b = Support.Run(lifted, ("x", x))["y"].ToDoubles();
        Support.Near(a, b, 1e-6);
        Assert.NotEqual(a, b);
    }

    [Fact]
    public void An_exact_epsilon_is_used()
    {
        OnnxModel model = new TestGraph().Input("x", F, "n", 4).Output("y", F, "n", 4).Floats("g", [4], [1, 1, 1, 1])
            .Node("LayerNormalization", "x,g", "y", ("epsilon", 0.1f)).Build();
        var exact = new Dictionary<global::Onnx.AttributeProto, double>(ReferenceEqualityComparer.Instance) { [model.Proto.Graph.Node[0].Attribute[0]] = 0.1 };
        using OnnxModel lifted = Float64Lift.Lift(model, exact);
        double[] y = Support.Run(lifted, ("x", RuntimeTensor.FromDoubles(ElementType.Float64, [1, 4], [1, -1, 1, -1])))["y"].ToDoubles();
        Assert.Equal(1 / Math.Sqrt(1.1), y[0], 1e-16);
    }

    [Fact]
    public void An_exact_attribute_that_cannot_be_used_is_refused()
    {
        OnnxModel model = new TestGraph(9).Input("x", F, 4).Output("y", F, 4).Node("LpNormalization", "x", "y").Build();
        var odd = new global::Onnx.AttributeProto { Name = "odd", F = 0.1f, Type = global::Onnx.AttributeProto.Types.AttributeType.Float };
        model.Proto.Graph.Node[0].Attribute.Add(odd);
        var exact = new Dictionary<global::Onnx.AttributeProto, double>(ReferenceEqualityComparer.Instance) { [odd] = 0.1 };
        Assert.Contains("odd", Assert.Throws<NotVerifiedException>(() => Float64Lift.Lift(model, exact)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_of_another_domain_is_refused_by_name()
    {
        OnnxModel model = new TestGraph().Input("x", F, 4).Output("y", F, 4).Node("com.microsoft.Inverse", "x", "y").Build();
        Assert.Contains("com.microsoft.Inverse", Assert.Throws<NotVerifiedException>(() => Float64Lift.Lift(model)).Message, StringComparison.Ordinal);
    }

    private static double[] Erf(double[] x)
    {
        OnnxModel model = new TestGraph(13).Input("x", F, "n").Output("y", F, "n").Node("Erf", "x", "y").Build();
        return Support.RunLifted(model, ("x", Support.Doubles(x))).ToDoubles();
    }

    private static double Log1P(double u) => u < 1e-5 ? u - (u * u / 2) + (u * u * u / 3) : Math.Log(1 + u);

    private static void Agrees(OnnxModel model, double tolerance, params (string Name, RuntimeTensor Value)[] inputs)
    {
        IReadOnlyDictionary<string, RuntimeTensor> narrow = Support.Run(model, inputs);
        using OnnxModel lifted = Float64Lift.Lift(model);
        Support.AssertNoFloat32(lifted);
        IReadOnlyDictionary<string, RuntimeTensor> wide = Support.Run(
            lifted, [.. inputs.Select(i => (i.Name, i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value))]);
        foreach ((string name, RuntimeTensor expected) in narrow)
        {
            Assert.Equal([.. expected.Dims], wide[name].Dims.ToArray());
            Support.Near(expected.ToDoubles(), wide[name].ToDoubles(), tolerance);
        }
    }
}
