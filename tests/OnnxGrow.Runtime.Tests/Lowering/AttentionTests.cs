using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

/// <summary>Attention and RotaryEmbedding of operator sets 23 and 24.</summary>
public class AttentionTests
{
    private const int B = 2;
    private const int H = 4;

    public static TheoryData<string, object[]> Cases => new()
    {
        { "4d", [] },
        { "3d", [] },
        { "4d,grouped", [] },
        { "3d,grouped", ["is_causal", 1L] },
        { "4d", ["scale", 0.3f] },
        { "4d", ["is_causal", 1L] },
        { "4d,longer", ["is_causal", 1L] },
        { "4d", ["softcap", 0.8f, "is_causal", 1L] },
        { "4d,floats", [] },
        { "4d,floats", ["softcap", 0.8f] },
        { "4d,bools", [] },
        { "4d,bools", ["is_causal", 1L] },
        { "4d,floats4", [] },
        { "3d,bools4,grouped", [] },
        { "4d,past", [] },
        { "4d,past", ["is_causal", 1L] },
        { "3d,past,grouped", ["is_causal", 1L] },
        { "4d,past,one", ["is_causal", 1L] },
        { "4d,qk,floats", ["qk_matmul_output_mode", 0L, "softcap", 0.8f] },
        { "4d,qk,floats", ["qk_matmul_output_mode", 1L, "softcap", 0.8f] },
        { "4d,qk,floats", ["qk_matmul_output_mode", 2L, "softcap", 0.8f] },
        { "4d,qk,floats", ["qk_matmul_output_mode", 3L, "softcap", 0.8f] },
        { "4d,values", [] },
        { "4d,lengths", [] },
        { "4d,lengths", ["is_causal", 1L] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Attention_agrees(string with, object[] attributes)
    {
        string[] parts = with.Split(',');
        bool flat = parts.Contains("3d");
        long n = 4;
        long m = parts.Contains("grouped") ? 2 : 4;
        long s = parts.Contains("one") ? 1 : 3;
        long l = parts.Contains("longer") || parts.Contains("lengths") ? 5 : s;
        long past = parts.Contains("past") ? 2 : 0;
        long width = parts.Contains("values") ? 6 : H;
        RuntimeTensor Heads(int seed, long heads, long length, long size) =>
            flat ? Support.Normal(seed, B, length, heads * size) : Support.Normal(seed, B, heads, length, size);
        RuntimeTensor Bools(params long[] dims) =>
            Ints(ElementType.Bool, dims, [.. Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(i => i % 3 == 1 ? 0L : 1L)]);
        RuntimeTensor? mask = parts.Contains("floats") ? Support.Normal(8, s, l + past)
            : parts.Contains("floats4") ? Support.Normal(8, B, n, s, l + past)
            : parts.Contains("bools") ? Bools(s, l + past)
            : parts.Contains("bools4") ? Bools(B, 1, s, l + past)
            : null;
        Node(
            "Attention",
            parts.Contains("lengths") ? 24 : 23,
            parts.Contains("qk") ? "y,k2,v2,qk" : past > 0 ? "y,k2,v2" : "y",
            [.. flat ? Set("q_num_heads", n, "kv_num_heads", m) : [], .. Set(attributes)],
            ("q", Heads(1, n, s, H)), ("k", Heads(2, m, l, H)), ("v", Heads(3, m, l, width)),
            ("mask", mask),
            ("pk", past > 0 ? Support.Normal(4, B, m, past, H) : null),
            ("pv", past > 0 ? Support.Normal(5, B, m, past, width) : null),
            ("lengths", parts.Contains("lengths") ? Ints(ElementType.Int64, [B], 5, 4) : null));
    }

    [Theory]
    [InlineData(1L, -1L, 0L)]
    [InlineData(-1L, 1L, 0L)]
    [InlineData(2L, 0L, 0L)]
    [InlineData(1L, 2L, 1L)]
    public void Windows_are_what_a_mask_of_them_is(long left, long right, long causal)
    {
        // The runtime's operator sets end before windows.
        const int S = 5;
        long[] seen = [.. from i in Enumerable.Range(0, S) from j in Enumerable.Range(0, S)
            select (left < 0 || i - j <= left) && (right < 0 || j - i <= right) && (causal == 0 || j <= i) ? 1L : 0];
        (string, RuntimeTensor?)[] plain = [("q", Support.Normal(1, B, 2, S, H)), ("k", Support.Normal(2, B, 2, S, H)), ("v", Support.Normal(3, B, 2, S, H))];
        (string, RuntimeTensor?)[] masked = [.. plain, ("mask", Ints(ElementType.Bool, [S, S], seen))];
        Same(
            One("Attention", 24, "y", Set("left_window_size", left, "right_window_size", right, "is_causal", causal), plain),
            Given(plain),
            One("Attention", 24, "y", [], masked),
            Given(masked));
    }

    [Fact]
    public void A_mask_may_end_before_the_keys_do()
    {
        (string, RuntimeTensor?)[] Inputs(long[] dims, params long[] seen) =>
            [("q", Support.Normal(1, B, 2, 2, H)), ("k", Support.Normal(2, B, 2, 4, H)), ("v", Support.Normal(3, B, 2, 4, H)), ("mask", Ints(ElementType.Bool, dims, seen))];
        (string, RuntimeTensor?)[] ends = Inputs([2, 3], 1, 0, 1, 1, 1, 0);
        (string, RuntimeTensor?)[] whole = Inputs([2, 4], 1, 0, 1, 0, 1, 1, 0, 0);
        Same(One("Attention", 24, "y", [], ends), Given(ends), One("Attention", 24, "y", [], whole), Given(whole));
    }

    [Theory]
    [InlineData(true, 0L, 0L, true)]
    [InlineData(true, 1L, 0L, true)]
    [InlineData(false, 0L, 0L, true)]
    [InlineData(false, 1L, 4L, true)]
    [InlineData(true, 0L, 4L, false)]
    [InlineData(false, 1L, 0L, false)]
    public void RotaryEmbedding_agrees(bool flat, long interleaved, long width, bool ids)
    {
        long pairs = (width > 0 ? width : 8) / 2;
        Node(
            "RotaryEmbedding", 23, "y",
            [.. Set("interleaved", interleaved, "rotary_embedding_dim", width), .. flat ? Set("num_heads", 2L) : []],
            ("x", flat ? Support.Normal(1, 2, 3, 16) : Support.Normal(1, 2, 2, 3, 8)),
            ("cos", ids ? Support.Normal(2, 6, pairs) : Support.Normal(2, 2, 3, pairs)),
            ("sin", ids ? Support.Normal(3, 6, pairs) : Support.Normal(3, 2, 3, pairs)),
            ("ids", ids ? Ints(ElementType.Int64, [2, 3], 1, 2, 3, 0, 2, 5) : null));
    }

    [Fact]
    public void Swish_agrees() => Node("Swish", 24, "y", Set("alpha", 0.7f), ("x", Support.Normal(1, 2, 3)));
}
