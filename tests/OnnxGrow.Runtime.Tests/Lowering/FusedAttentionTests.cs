using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

/// <summary>ONNX Runtime's Attention and MultiHeadAttention: batch 2, length 5, 2 heads of 4.</summary>
public class FusedAttentionTests
{
    private const int B = 2;
    private const int S = 5;
    private const int N = 2;
    private const int H = 4;

    private static readonly RuntimeTensor Lengths = Ints(ElementType.Int32, [B], 5, 3);
    private static readonly RuntimeTensor EndsAndStarts = Ints(ElementType.Int32, [2 * B], 5, 4, 1, 2);
    private static readonly RuntimeTensor Padding = Ints(ElementType.Int32, [B, S], 1, 1, 1, 1, 0, 1, 1, 0, 0, 0);

    public static TheoryData<string, object[]> AttentionCases => new()
    {
        { "", [] },
        { "", ["scale", 0.3f] },
        { "", ["unidirectional", 1L] },
        { "lengths", [] },
        { "lengths", ["mask_filter_value", -3.5f] },
        { "ends", [] },
        { "ends", ["unidirectional", 1L] },
        { "padding", ["unidirectional", 1L] },
        { "padding", ["mask_filter_value", -2f] },

        // Queries that see padding only. (With the -10000 that is usual, float32 rounds what is left of their scores.)
        { "before", ["unidirectional", 1L, "mask_filter_value", float.MinValue] },
        { "before", ["unidirectional", 1L, "mask_filter_value", -2f] },
        { "rows", ["mask_filter_value", -2f] },
        { "rows", ["unidirectional", 1L] },
        { "past", [] },
        { "past", ["unidirectional", 1L] },
        { "past,pastpadding", ["unidirectional", 1L] },
        { "present", ["unidirectional", 1L] },
        { "bias", [] },
        { "bias1", ["unidirectional", 1L] },
        { "bias1,padding", [] },
        { "sizes", ["qkv_hidden_sizes", new long[] { 8, 8, 12 }] },
    };

    [Theory]
    [MemberData(nameof(AttentionCases))]
    public void Attention_agrees(string with, object[] attributes)
    {
        string[] parts = with.Split(',');
        long wide = parts.Contains("sizes") ? 28 : 24;
        long past = parts.Contains("past") ? 3 : 0;
        RuntimeTensor? mask = parts.Contains("lengths") ? Lengths
            : parts.Contains("ends") ? EndsAndStarts
            : parts.Contains("padding") ? Padding
            : parts.Contains("before") ? Ints(ElementType.Int32, [B, S], 0, 0, 1, 1, 1, 0, 0, 0, 0, 1)
            : parts.Contains("pastpadding") ? Ints(ElementType.Int32, [B, 8], 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1)
            : parts.Contains("rows") ? Ints(ElementType.Int32, [B, S, S], [.. Enumerable.Range(0, B * S * S).Select(i => i % 3 == 1 ? 0L : 1L)])
            : null;
        Fused(
            "Attention",
            past > 0 || parts.Contains("present") ? "y,present" : "y",
            [("num_heads", (long)N), .. Set(attributes)],
            ("x", Support.Normal(1, B, S, 6)),
            ("w", Support.Normal(2, 6, wide)),
            ("b", Support.Normal(3, wide)),
            ("mask", mask),
            ("past", past > 0 ? Support.Normal(4, 2, B, N, past, H) : null),
            ("bias", parts.Contains("bias") ? Support.Normal(5, B, N, S, S + past) : parts.Contains("bias1") ? Support.Normal(5, 1, 1, S, S + past) : null));
    }

    [Fact]
    public void Attention_without_bias_is_attention_with_zeros()
    {
        (string, RuntimeTensor?)[] inputs = [("x", Support.Normal(1, B, S, 6)), ("w", Support.Normal(2, 6, 24))];
        RuntimeTensor zeros = RuntimeTensor.FromDoubles(F, [24], new double[24]);
        Same(
            One("com.microsoft.Attention", 17, "y", Set("num_heads", 2L), inputs),
            Given(inputs),
            One("com.microsoft.Attention", 17, "y", Set("num_heads", 2L), [.. inputs, ("b", zeros)]),
            Given([.. inputs, ("b", zeros)]));
    }

    [Fact]
    public void A_mask_of_rank_four_holds_the_rows_of_the_last_queries()
    {
        // [B, 1, M, M] with M = 6 for a past of 2 and 3 queries: rows 2 to 4, columns 0 to 4.
        long[] whole = [.. Enumerable.Range(0, B * 36).Select(i => i % 7 == 3 ? 0L : 1L)];
        long[] rows = [.. from b in Enumerable.Range(0, B) from s in Enumerable.Range(2, 3) from t in Enumerable.Range(0, 5) select whole[(b * 36) + (s * 6) + t]];
        (string, RuntimeTensor?)[] Inputs(RuntimeTensor mask) =>
            [("x", Support.Normal(1, B, 3, 6)), ("w", Support.Normal(2, 6, 24)), ("b", Support.Normal(3, 24)), ("mask", mask), ("past", Support.Normal(4, 2, B, N, 2, H))];
        (string, RuntimeTensor?)[] wide = Inputs(Ints(ElementType.Int32, [B, 1, 6, 6], whole));
        (string, RuntimeTensor?)[] narrow = Inputs(Ints(ElementType.Int32, [B, 3, 5], rows));
        Same(
            One("com.microsoft.Attention", 17, "y,present", Set("num_heads", 2L), wide),
            Given(wide),
            One("com.microsoft.Attention", 17, "y,present", Set("num_heads", 2L), narrow),
            Given(narrow));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Packed_queries_keys_and_values_are_what_they_are_apart(bool bias)
    {
        // The CPU has no kernel for the packed forms.
        double[][] parts = [.. Enumerable.Range(1, 3).Select(seed => Support.Normal(seed, B, S, N * H).ToDoubles())];
        RuntimeTensor Packed(params int[] which) => RuntimeTensor.FromDoubles(
            F,
            [B, S, N, which.Length, H],
            [.. from token in Enumerable.Range(0, B * S) from n in Enumerable.Range(0, N) from part in which from h in Enumerable.Range(0, H)
                select parts[part][(((token * N) + n) * H) + h]]);
        RuntimeTensor[] apart = [.. parts.Select(p => RuntimeTensor.FromDoubles(F, [B, S, N * H], p))];
        RuntimeTensor? b = bias ? Support.Normal(4, 3 * N * H) : null;
        (string, RuntimeTensor?)[] plain = [("q", apart[0]), ("k", apart[1]), ("v", apart[2]), ("b", b)];
        OnnxModel reference = One("com.microsoft.MultiHeadAttention", 17, "y", Set("num_heads", 2L), plain);
        (string, RuntimeTensor?)[] packed = [("q", Packed(0, 1, 2)), ("k", null), ("v", null), ("b", b)];
        Same(One("com.microsoft.MultiHeadAttention", 17, "y", Set("num_heads", 2L), packed), Given(packed), reference, Given(plain));
        if (!bias)
        {
            (string, RuntimeTensor?)[] half = [("q", apart[0]), ("k", Packed(1, 2))];
            Same(One("com.microsoft.MultiHeadAttention", 17, "y", Set("num_heads", 2L), half), Given(half), reference, Given(plain));
        }
    }

    [Theory]
    [InlineData("PackedMultiHeadAttention")]
    [InlineData("PackedAttention")]
    public void Packed_sequences_are_attended_one_by_one(string op)
    {
        // Lengths 5 and 3: the real tokens of MultiHeadAttention with these lengths.
        int[] real = [0, 1, 2, 3, 4, 5, 6, 7];
        bool projected = op == "PackedAttention";
        long width = projected ? 6 : N * H;
        RuntimeTensor Rows(RuntimeTensor all) => RuntimeTensor.FromDoubles(F, [8, width], [.. real.SelectMany(r => all.ToDoubles().Skip((int)(r * width)).Take((int)width))]);
        RuntimeTensor[] x = [.. Enumerable.Range(1, projected ? 1 : 3).Select(seed => Support.Normal(seed, B, S, width))];
        (string, RuntimeTensor?)[] rest = projected ? [("w", Support.Normal(7, 6, 24)), ("b", Support.Normal(8, 24))] : [("b", Support.Normal(8, 3 * N * H))];
        (string, RuntimeTensor?)[] mask = [("mask", Lengths)];
        (string, RuntimeTensor?)[] padded = [.. x.Select((t, i) => ($"x{i}", (RuntimeTensor?)t)), .. rest, .. mask];
        (string, RuntimeTensor?)[] packed = [.. x.Select((t, i) => ($"x{i}", (RuntimeTensor?)Rows(t))), .. rest,
            ("offset", Ints(ElementType.Int32, [B, S], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)), ("ends", Ints(ElementType.Int32, [B + 1], 0, 5, 8))];
        double[] expected = Support.Run(One($"com.microsoft.{op[6..]}", 17, "y", Set("num_heads", 2L), padded), Given(padded))["y"].ToDoubles();
        RuntimeTensor actual = Wide(One($"com.microsoft.{op}", 17, "y", Set("num_heads", 2L), packed), Given(packed))["y"];
        Assert.Equal([8, N * H], actual.Dims.ToArray());
        Support.Near(expected[..(8 * N * H)], actual.ToDoubles(), 2e-5);
    }

    public static TheoryData<string, object[]> MultiHeadCases => new()
    {
        { "", [] },
        { "", ["scale", 0.3f, "unidirectional", 1L] },
        { "projection", [] },
        { "longer", [] },
        { "longer,projection", [] },
        { "values", [] },
        { "values,projection", [] },
        { "heads", [] },
        { "lengths", ["mask_filter_value", -3f] },
        { "padding", [] },
        { "rows", [] },
        { "padding", ["unidirectional", 1L] },
        { "past", [] },
        { "past,projection", ["unidirectional", 1L] },
        { "past,one", ["unidirectional", 1L] },
        { "bias", [] },
        { "bias1,padding", [] },
        { "present", [] },
        { "qk", [] },
    };

    [Theory]
    [MemberData(nameof(MultiHeadCases))]
    public void MultiHeadAttention_agrees(string with, object[] attributes)
    {
        string[] parts = with.Split(',');
        long past = parts.Contains("past") ? 3 : 0;
        long queries = parts.Contains("one") ? 1 : S;
        long keys = parts.Contains("longer") ? 7 : queries;
        long width = parts.Contains("values") ? 6 : H;
        bool heads = parts.Contains("heads");
        RuntimeTensor? mask = parts.Contains("lengths") ? Lengths
            : parts.Contains("padding") ? Padding
            : parts.Contains("rows") ? Ints(ElementType.Int32, [B, S, S], [.. Enumerable.Range(0, B * S * S).Select(i => i % 3 == 1 ? 0L : 1L)])
            : null;
        Fused(
            "MultiHeadAttention",
            parts.Contains("qk") ? "y,k2,v2,qk" : past > 0 || parts.Contains("present") ? "y,k2,v2" : "y",
            [("num_heads", (long)N), .. Set(attributes)],
            ("q", Support.Normal(1, B, queries, N * H)),
            ("k", heads ? Support.Normal(2, B, N, 7, H) : Support.Normal(2, B, keys, N * H)),
            ("v", heads ? Support.Normal(3, B, N, 7, H) : Support.Normal(3, B, keys, N * width)),
            ("b", parts.Contains("projection") ? Support.Normal(4, (2 * N * H) + (N * width)) : null),
            ("mask", mask),
            ("bias", parts.Contains("bias") ? Support.Normal(5, B, N, queries, keys + past) : parts.Contains("bias1") ? Support.Normal(5, 1, 1, queries, keys + past) : null),
            ("pk", past > 0 ? Support.Normal(6, B, N, past, H) : null),
            ("pv", past > 0 ? Support.Normal(7, B, N, past, H) : null));
    }
}
