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
        { "nobias", [] },
        { "lengths", [] },
        { "lengths", ["mask_filter_value", -3.5f] },
        { "ends", [] },
        { "ends", ["unidirectional", 1L] },
        { "padding", ["unidirectional", 1L] },
        { "padding", ["mask_filter_value", -2f] },
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
            : parts.Contains("pastpadding") ? Ints(ElementType.Int32, [B, 8], 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1)
            : parts.Contains("rows") ? Ints(ElementType.Int32, [B, S, S], [.. Enumerable.Range(0, B * S * S).Select(i => i % 3 == 1 ? 0L : 1L)])
            : null;
        Node(
            "com.microsoft.Attention",
            17,
            past > 0 || parts.Contains("present") ? "y,present" : "y",
            [("num_heads", (long)N), .. Set(attributes)],
            ("x", Support.Normal(1, B, S, 6)),
            ("w", Support.Normal(2, 6, wide)),
            ("b", parts.Contains("nobias") ? null : Support.Normal(3, wide)),
            ("mask", mask),
            ("past", past > 0 ? Support.Normal(4, 2, B, N, past, H) : null),
            ("bias", parts.Contains("bias") ? Support.Normal(5, B, N, S, S + past) : parts.Contains("bias1") ? Support.Normal(5, 1, 1, S, S + past) : null));
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
        Node(
            "com.microsoft.MultiHeadAttention",
            17,
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
