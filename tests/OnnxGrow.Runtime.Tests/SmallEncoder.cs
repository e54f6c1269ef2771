using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Tests;

/// <summary>
/// An attention layer between embeddings and logits: vocabulary 50, 16 positions from a buffer, hidden 8, 2 heads, 11
/// classes. Tests change it at one place and see whether the checker finds it.
/// </summary>
internal static class SmallEncoder
{
    public const int Vocabulary = 50;
    public const int Positions = 16;

    public static OnnxModel Make(Action<TestGraph>? atEnd = null, Action<ModelProto>? change = null)
    {
        TestGraph g = new TestGraph(17)
            .Input("ids", ElementType.Int64, "batch", "seq").Input("mask", ElementType.Int64, "batch", "seq")
            .Output("logits", ElementType.Float32, "batch", "seq", 11).Output("pooled", ElementType.Float32, "batch", 8)
            .Weight("words", 1, Vocabulary, 8).Weight("places", 2, Positions, 8)
            .Weight("wq", 3, 8, 8).Weight("wk", 4, 8, 8).Weight("wv", 5, 8, 8).Weight("wo", 6, 8, 8).Weight("head", 7, 8, 11)
            .Weight("gain", 8, 8).Weight("bias", 9, 8)
            .Ints("buffer", [1, Positions], [.. Enumerable.Range(0, Positions).Select(i => (long)i)])
            .Ints("zero", [1], 0).Ints("one", [1], 1).Ints("split", [4], 0, 0, 2, 4).Ints("join", [3], 0, 0, 8).Ints("mid", [2], 1, 2)
            .Floats("scale", [], [0.5f]).Floats("low", [], [-10000]).Floats("unit", [], [1])
            .Node("Shape", "ids", "shape").Node("Slice", "shape,one,two", "seq_len").Ints("two", [1], 2)
            .Node("Slice", "buffer,zero,seq_len,one", "position_ids")
            .Node("Gather", "words,ids", "word").Node("Gather", "places,position_ids", "place").Node("Add", "word,place", "sum")
            .Node("LayerNormalization", "sum,gain,bias", "x", ("epsilon", 1e-5f));
        foreach (string name in new[] { "q", "k", "v" })
        {
            g.Node("MatMul", $"x,w{name}", $"{name}_flat").Node("Reshape", $"{name}_flat,split", $"{name}_split")
                .Node("Transpose", $"{name}_split", name, ("perm", name == "k" ? new long[] { 0, 2, 3, 1 } : [0, 2, 1, 3]));
        }

        g.Node("Cast", "mask", "mask_float", ("to", 1)).Node("Unsqueeze", "mask_float,mid", "mask_wide").Node("Sub", "unit,mask_wide", "masked")
            .Node("Mul", "masked,low", "mask_bias").Node("MatMul", "q,k", "scores").Node("Mul", "scores,scale", "scaled")
            .Node("Add", "scaled,mask_bias", "biased").Node("Softmax", "biased", "weights", ("axis", -1)).Node("MatMul", "weights,v", "mixed")
            .Node("Transpose", "mixed", "mixed_t", ("perm", new long[] { 0, 2, 1, 3 })).Node("Reshape", "mixed_t,join", "heads_joined")
            .Node("MatMul", "heads_joined,wo", "attention").Node("Add", "attention,x", "residual")
            .Node("Erf", "residual", "bent").Node("MatMul", "bent,head", atEnd is null ? "logits" : "raw")
            .Node("ReduceMax", "residual", "pooled", ("axes", new long[] { 1 }), ("keepdims", 0));
        atEnd?.Invoke(g);
        OnnxModel model = g.Build();
        change?.Invoke(model.Proto);
        return model;
    }

    /// <summary>Changes one weight's float32 values.</summary>
    public static Action<ModelProto> Edit(string name, Action<float[]> edit) => model =>
    {
        TensorProto tensor = model.Graph.Initializer.Single(t => t.Name == name);
        float[] values = new float[tensor.RawData.Length / 4];
        Buffer.BlockCopy(tensor.RawData.ToByteArray(), 0, values, 0, tensor.RawData.Length);
        edit(values);
        byte[] bytes = new byte[tensor.RawData.Length];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        tensor.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
    };
}
