using Google.Protobuf;
using Onnx;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Bench.Analysis;

/// <summary>A GPT-like decoder: small weights, and as many layers as make the number of nodes asked for.</summary>
internal static class Decoder
{
    /// <summary>The ways in which exporters write one: norms and activations as one node or as many, queries apart or not.</summary>
    public static readonly IReadOnlyDictionary<string, TransformerShape> Styles = new Dictionary<string, TransformerShape>(StringComparer.Ordinal)
    {
        ["decomposed"] = new() { Decomposed = true, Bias = true, Causal = true, Tied = true, Hidden = 16, Ffn = 32 },
        ["fused"] = new() { Bias = true, Causal = true, FusedQkv = true, Activation = "relu", Hidden = 16, Ffn = 32 },
        ["post"] = new() { Placement = Placement.Post, Decomposed = true, Bias = true, Activation = "tanh", Hidden = 16, Ffn = 32 },
        ["rms"] = new() { Rms = true, Decomposed = true, Causal = true, Activation = "swiglu", Hidden = 16, Ffn = 32 },
    };

    public static byte[] Bytes(TransformerShape shape, int nodes)
    {
        int one = Build(shape, 1).Graph.Node.Count;
        int layer = Build(shape, 2).Graph.Node.Count - one;
        return Build(shape, 1 + Math.Max(0, (int)Math.Round((double)(nodes - one) / layer))).ToByteArray();
    }

    private static ModelProto Build(TransformerShape shape, int layers) => RandomTransformer.Build(shape with { Layers = layers }, 7);
}
