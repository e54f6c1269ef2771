using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

/// <summary>ONNX Runtime's GroupQueryAttention: batch 2, 4 heads on 2, of size 16 (32 where part of it is rotated).</summary>
public class GroupQueryAttentionTests
{
    private const int B = 2;
    private const int N = 4;
    private const int K = 2;

    public static TheoryData<string, object[]> Cases => new()
    {
        { "prompt", [] },
        { "prompt", ["scale", 0.3f] },
        { "prompt", ["do_rotary", 1L] },
        { "prompt", ["do_rotary", 1L, "rotary_interleaved", 1L] },
        { "prompt,partial", ["do_rotary", 1L] },
        { "prompt,packed", ["do_rotary", 1L] },
        { "prompt", ["softcap", 0.7f] },
        { "prompt", ["local_window_size", 2L] },
        { "prompt", ["smooth_softmax", 1L] },
        { "prompt,sink", [] },
        { "prompt,bias", [] },
        { "prompt,bias", ["softcap", 0.7f] },
        { "prompt,ids", ["do_rotary", 1L] },
        { "token,ids", ["do_rotary", 1L] },
        { "ragged,buffer", ["do_rotary", 1L] },
        { "ragged,bias,sink", [] },
        { "token", [] },
        { "token", ["do_rotary", 1L] },
        { "token,packed", ["do_rotary", 1L, "local_window_size", 3L] },
        { "token,sink", ["softcap", 1.5f] },
        { "ragged", ["do_rotary", 1L] },
        { "ragged", [] },
        { "buffer", ["do_rotary", 1L] },
        { "chunk", ["do_rotary", 1L] },
        { "chunk", ["local_window_size", 2L] },
        { "chunk,bias", [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void GroupQueryAttention_agrees(string with, object[] attributes)
    {
        string[] parts = with.Split(',');
        bool prompt = parts.Contains("prompt");
        bool chunk = parts.Contains("chunk");
        long batch = chunk ? 1 : B;
        long length = prompt ? 5 : chunk ? 3 : 1;
        long past = prompt ? 0 : parts.Contains("buffer") ? 9 : 6;
        long[] totals = prompt ? [5, 5] : parts.Contains("ragged") ? [7, 4] : chunk ? [9] : [7, 7];
        bool packed = parts.Contains("packed");
        bool rotary = attributes.Contains("do_rotary");
        long h = parts.Contains("partial") ? 32 : 16;
        Fused(
            "GroupQueryAttention",
            "y,k2,v2",
            [("num_heads", (long)N), ("kv_num_heads", (long)K), .. Set(attributes)],
            ("q", Support.Normal(1, batch, length, packed ? (N + (2 * K)) * h : N * h)),
            ("k", packed ? null : Support.Normal(2, batch, length, K * h)),
            ("v", packed ? null : Support.Normal(3, batch, length, K * h)),
            ("pk", past > 0 ? Support.Normal(4, batch, K, past, h) : null),
            ("pv", past > 0 ? Support.Normal(5, batch, K, past, h) : null),
            ("lengths", Ints(ElementType.Int32, [batch], [.. totals.Select(t => t - 1)])),
            ("total", Ints(ElementType.Int32, [1], totals.Max())),
            ("cos", rotary ? Support.Normal(6, 12, 8) : null),
            ("sin", rotary ? Support.Normal(7, 12, 8) : null),
            ("ids", parts.Contains("ids") ? prompt ? Ints(ElementType.Int64, [B, 5], 2, 3, 4, 5, 6, 0, 1, 2, 3, 4) : Ints(ElementType.Int64, [B, 1], 3, 8) : null),
            ("bias", parts.Contains("bias") ? Support.Normal(8, 1, N, length, totals.Max()) : null),
            ("sink", parts.Contains("sink") ? Support.Normal(9, N) : null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_a_padded_prompt_real_tokens_agree(bool rotary)
    {
        // Lengths 5 and 3; the rows behind are what the kernel finds in its buffer.
        (string, RuntimeTensor?)[] inputs =
        [
            ("q", Support.Normal(1, B, 5, N * 16)), ("k", Support.Normal(2, B, 5, K * 16)), ("v", Support.Normal(3, B, 5, K * 16)), ("pk", null), ("pv", null),
            ("lengths", Ints(ElementType.Int32, [B], 4, 2)), ("total", Ints(ElementType.Int32, [1], 5)),
            ("cos", rotary ? Support.Normal(6, 12, 8) : null), ("sin", rotary ? Support.Normal(7, 12, 8) : null),
        ];
        OnnxModel model = One(
            "com.microsoft.GroupQueryAttention", 17, "y,k2,v2", Set("num_heads", (long)N, "kv_num_heads", (long)K, "do_rotary", rotary ? 1L : 0L), inputs);
        IReadOnlyDictionary<string, RuntimeTensor> narrow = Support.Run(model, Given(inputs));
        IReadOnlyDictionary<string, RuntimeTensor> wide = Wide(model, Given(inputs));
        foreach (string name in new[] { "k2", "v2" })
        {
            Support.Near(narrow[name].ToDoubles(), wide[name].ToDoubles(), 2e-5);
        }

        Support.Near(narrow["y"].ToDoubles()[..(8 * N * 16)], wide["y"].ToDoubles()[..(8 * N * 16)], 2e-5);
    }

    [Fact]
    public void Without_looking_back_only_and_with_norms_it_is_multi_head_attention()
    {
        // Neither is in the CPU's schema or kernel. A norm of heads with a gain of 1 on unit heads changes nothing.
        const long H = 16;
        double[] Unit(int seed)
        {
            double[] x = Support.Normal(seed, B, 5, N * H).ToDoubles();
            for (int at = 0; at < x.Length; at += (int)H)
            {
                double root = Math.Sqrt(x[at..(at + (int)H)].Average(v => v * v));
                for (int i = at; i < at + H; i++)
                {
                    x[i] = (float)(x[i] / root);
                }
            }

            return x;
        }

        RuntimeTensor ones = RuntimeTensor.FromDoubles(F, [H], [.. Enumerable.Repeat(1.0, (int)H)]);
        (string, RuntimeTensor?)[] plain =
        [
            ("q", RuntimeTensor.FromDoubles(F, [B, 5, N * H], Unit(1))), ("k", RuntimeTensor.FromDoubles(F, [B, 5, N * H], Unit(2))), ("v", Support.Normal(3, B, 5, N * H)),
        ];
        (string, RuntimeTensor?)[] inputs =
        [
            .. plain, ("pk", null), ("pv", null), ("lengths", Ints(ElementType.Int32, [B], 4, 4)), ("total", Ints(ElementType.Int32, [1], 5)),
            ("cos", null), ("sin", null), ("ids", null), ("bias", null), ("sink", null), ("ks", null), ("vs", null), ("qn", ones), ("kn", ones),
        ];
        Same(
            One("com.microsoft.GroupQueryAttention", 17, "y", Set("num_heads", (long)N, "kv_num_heads", (long)N, "causal", 0L), inputs),
            Given(inputs),
            One("com.microsoft.MultiHeadAttention", 17, "y", Set("num_heads", (long)N), plain),
            Given(plain));
    }
}
