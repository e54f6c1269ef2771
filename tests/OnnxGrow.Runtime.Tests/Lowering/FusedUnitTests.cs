using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

public class FusedUnitTests
{
    private static readonly RuntimeTensor X = Support.Normal(1, 2, 3, 8);
    private static readonly RuntimeTensor Bias = Support.Normal(2, 8);

    [Fact]
    public void Gelus_agree()
    {
        Fused("Gelu", "y", [], ("x", X));
        Fused("BiasGelu", "y", [], ("x", X), ("b", Bias));
        Fused("FastGelu", "y", [], ("x", X), ("b", Bias));
        Fused("FastGelu", "y", [], ("x", X));
        Fused("QuickGelu", "y", [], ("x", X));
        Fused("QuickGelu", "y", Set("alpha", 0.7f), ("x", X));
    }

    [Theory]
    [InlineData(0L, -1L)]
    [InlineData(0L, 2L)]
    [InlineData(1L, 0L)]
    [InlineData(1L, 1L)]
    public void Trilu_agrees(long upper, long k)
    {
        Fused("Trilu", "y", Set("upper", upper), ("x", X), ("k", RuntimeTensor.FromIntegers(ElementType.Int64, [], [k])));
        Fused("Trilu", "y", Set("upper", upper), ("x", X));
    }

    [Theory]
    [InlineData("ids", 0L, 0L)]
    [InlineData("ids", 1L, 0L)]
    [InlineData("offset", 0L, 0L)]
    [InlineData("ids,heads", 0L, 0L)]
    [InlineData("ids,heads", 1L, 0L)]
    [InlineData("ids", 0L, 4L)]
    [InlineData("offset", 1L, 4L)]
    [InlineData("ids,scale", 0L, 0L)]
    public void RotaryEmbedding_agrees(string with, long interleaved, long width)
    {
        bool heads = with.Contains("heads", StringComparison.Ordinal);
        (string, object)[] attributes = [.. Set("interleaved", interleaved), .. width > 0 ? Set("rotary_embedding_dim", width, "num_heads", 2L) : []];
        if (with.Contains("scale", StringComparison.Ordinal))
        {
            attributes = [.. attributes, ("scale", 0.5f)];
        }

        Fused(
            "RotaryEmbedding", "y", attributes,
            ("x", heads ? Support.Normal(1, 2, 2, 3, 8) : Support.Normal(1, 2, 3, 16)),
            ("ids", with.Contains("offset", StringComparison.Ordinal) ? Ints(ElementType.Int64, [1], 2) : Ints(ElementType.Int64, [2, 3], 1, 2, 3, 0, 2, 5)),
            ("cos", Support.Normal(2, 6, width > 0 ? width / 2 : 4)), ("sin", Support.Normal(3, 6, width > 0 ? width / 2 : 4)));
    }

    public static TheoryData<object[]> Products => new()
    {
        { [] },
        { ["alpha", 0.3f, "transB", 1L] },
        { ["transA", 1L] },
        { ["transA", 1L, "transB", 1L] },
        { ["transBatchA", 1L] },
        { ["transBatchB", 1L, "transB", 1L] },
        { ["transBatchA", 1L, "transA", 1L, "transBatchB", 1L] },
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void FusedMatMul_agrees(object[] attributes)
    {
        long[] a = [2, 3, 4, 5];
        long[] b = [2, 3, 5, 6];
        RuntimeTensor Operand(int seed, long[] dims, string exchange, string batch)
        {
            dims = attributes.Contains(exchange) ? [dims[0], dims[1], dims[3], dims[2]] : dims;
            return Support.Normal(seed, attributes.Contains(batch) ? [dims[2], dims[0], dims[1], dims[3]] : dims);
        }

        Fused("FusedMatMul", "y", Set(attributes), ("a", Operand(1, a, "transA", "transBatchA")), ("b", Operand(2, b, "transB", "transBatchB")));
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("Tanh")]
    [InlineData("Sigmoid")]
    [InlineData("LeakyRelu")]
    [InlineData("HardSigmoid")]
    public void FusedGemm_and_FusedConv_agree(string activation)
    {
        (string, object)[] parameters = activation switch
        {
            "LeakyRelu" => Set("activation_alpha", 0.2f),
            "HardSigmoid" => Set("activation_alpha", 0.3f, "activation_beta", 0.4f),
            _ => [],
        };
        Fused(
            "FusedGemm", "y", [.. Set("activation", activation, "alpha", 0.5f, "transB", 1L), .. parameters],
            ("a", Support.Normal(1, 3, 4)), ("b", Support.Normal(2, 5, 4)), ("c", Support.Normal(3, 5)));
        (string, object)[] list = parameters.Length == 0 ? [] : Set("activation_params", parameters.Select(p => (float)p.Item2).ToArray());
        OnnxModel conv = Open(new TestGraph(17).Input("x", F, "n", 3, "h", "w").Output("y", F).Weight("k", 1, 4, 3, 3, 3).Weight("b", 2, 4)
            .Node("com.microsoft.FusedConv", "x,k,b", "y", [.. Set("activation", activation, "pads", new long[] { 1, 1, 1, 1 }), .. list]).Build());
        Agrees(conv, 1e-5, ("x", Support.Normal(3, 2, 3, 5, 4)));
    }

    [Fact]
    public void Units_without_a_kernel_here_agree_with_others()
    {
        RuntimeTensor bias = Support.Normal(2, 8);
        double[] x = X.ToDoubles();
        double[] b = bias.ToDoubles();
        double[] sum = [.. x.Select((v, i) => v + b[i % 8])];
        double[] gelu = Support.RunLifted(Unary("Gelu", 20), ("x", Support.Doubles(sum))).ToDoubles();
        Expect("com.microsoft.BiasSplitGelu", [2, 3, 4], [.. from row in Enumerable.Range(0, 6) from i in Enumerable.Range(0, 4) select sum[(row * 8) + i] * gelu[(row * 8) + 4 + i]], ("x", X), ("b", bias));
        Expect("com.microsoft.BiasAdd", [2, 3, 8], [.. sum.Zip(x, (s, v) => s + v)], ("x", X), ("b", bias), ("s", X));
        double[] tanh = [.. x.Select((v, i) => 0.5 * (v + b[i % 8]) * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + b[i % 8] + (0.044715 * Math.Pow(v + b[i % 8], 3))))))];
        Expect("com.microsoft.GemmFastGelu", [2, 3, 8], tanh, ("x", X), ("w", RuntimeTensor.FromDoubles(F, [8, 8], [.. Enumerable.Range(0, 64).Select(i => i % 9 == 0 ? 1.0 : 0)])), ("b", bias));
        double[] e = Support.Normal(5, 1, 2, 3).ToDoubles();
        double[][] heads = [.. Enumerable.Range(6, 4).Select(seed => Support.Normal(seed, 1, 2, 2, 3).ToDoubles())];
        Expect(
            "com.microsoft.GemmaRotaryEmbedding", [1, 2, 2, 3], [.. heads[0].Select((v, i) => (v * Math.Cos(e[i % 6])) + (heads[1][i] * Math.Sin(e[i % 6])))],
            [("e", Support.Normal(5, 1, 2, 3)), .. Enumerable.Range(6, 4).Select(seed => ($"h{seed}", (RuntimeTensor?)Support.Normal(seed, 1, 2, 2, 3)))]);
    }

    [Theory]
    [InlineData(1L, 0L)]
    [InlineData(0L, 1L)]
    public void GroupNorm_agrees_with_the_default_domain(long last, long silu)
    {
        RuntimeTensor image = Support.Normal(1, 2, 4, 3, 5);
        double[] values = image.ToDoubles();
        double[] turned = [.. from n in Enumerable.Range(0, 2) from p in Enumerable.Range(0, 15) from c in Enumerable.Range(0, 4) select values[(((n * 4) + c) * 15) + p]];
        (string, RuntimeTensor?)[] gains = [("g", Support.Normal(2, 4)), ("b", Support.Normal(3, 4))];
        double[] y = Support.Run(One("GroupNormalization", 21, "y", Set("num_groups", 2L), [("x", image), .. gains]), Given([("x", image), .. gains]))["y"].ToDoubles();
        y = silu == 0 ? y : [.. y.Select(v => v / (1 + Math.Exp(-v)))];
        double[] expected = last == 0 ? y : [.. from n in Enumerable.Range(0, 2) from p in Enumerable.Range(0, 15) from c in Enumerable.Range(0, 4) select y[(((n * 4) + c) * 15) + p]];
        (string, RuntimeTensor?)[] inputs = [("x", last == 0 ? image : RuntimeTensor.FromDoubles(F, [2, 3, 5, 4], turned)), .. gains];
        OnnxModel model = One("com.microsoft.GroupNorm", 17, "y", Set("groups", 2L, "channels_last", last, "activation", silu), inputs);
        Support.Near(expected, Wide(model, Given(inputs))["y"].ToDoubles(), 1e-5);
    }

    [Theory]
    [InlineData("com.microsoft.MatMulNBits")]
    [InlineData("com.microsoft.QAttention")]
    [InlineData("com.microsoft.DynamicQuantizeMatMul")]
    [InlineData("DequantizeLinear")]
    public void A_quantised_operator_is_refused_by_name(string op)
    {
        OnnxModel model = new TestGraph(17).Input("x", F, 4).Output("y", F, 4).Node(op, "x", "y").Build();
        string message = Assert.Throws<NotVerifiedException>(() => Witness.Float64Lift.Lift(model)).Message;
        Assert.Contains(op[(op.LastIndexOf('.') + 1)..], message, StringComparison.Ordinal);
        Assert.Contains("quantised", message, StringComparison.Ordinal);
        Assert.Contains("n_y", message, StringComparison.Ordinal);
    }

    private static OnnxModel Unary(string op, long opset) =>
        new TestGraph(opset).Input("x", F, "n").Output("y", F, "n").Node(op, "x", "y").Build();

    private static void Expect(string op, long[] dims, double[] expected, params (string Name, RuntimeTensor? Value)[] inputs)
    {
        string outputs = op.Contains("Gemma", StringComparison.Ordinal) ? "y,z" : "y";
        RuntimeTensor y = Wide(One(op, 17, outputs, [], inputs), Given(inputs))["y"];
        Assert.Equal(dims, y.Dims.ToArray());
        Support.Near(expected, y.ToDoubles(), 1e-6);
    }
}
