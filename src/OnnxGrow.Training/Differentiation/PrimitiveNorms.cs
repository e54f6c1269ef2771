using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>
/// Writes LayerNormalization as primitive operators. On the CPU its kernel takes four times as long as they do together, and the
/// gradient reads what they leave behind: the runtime finds that the two compute the same and does it once.
/// </summary>
internal static class PrimitiveNorms
{
    /// <summary>Rewrites a graph that the writer has written to.</summary>
    public static void Run(GraphWriter writer, ValueTable values)
    {
        GraphProto graph = writer.Graph;
        NodeProto[] nodes = [.. graph.Node];
        graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            if (node is { OpType: "LayerNormalization", Domain: "" or "ai.onnx" } && values.TypeOf(node.Input[0]) is ElementType.Float32 or ElementType.Float64)
            {
                Write(writer, node, values.DimsOf(node.Input[0]).Length);
            }
            else
            {
                graph.Node.Add(node);
            }
        }
    }

    private static void Write(GraphWriter writer, NodeProto node, int rank)
    {
        long axis = Attributes.Int(node, "axis", -1);
        double epsilon = Attributes.Float(node, "epsilon", 1e-5f);
        int first = (int)(axis < 0 ? axis + rank : axis);
        string axes = writer.Ints([.. Enumerable.Range(first, rank - first).Select(a => (long)a)]);
        string x = node.Input[0];
        string mean = writer.Over(OutputOf(node, 1), "ReduceMean", x, axes);
        string centred = writer.Sub(x, mean);
        string variance = writer.Op("ReduceMean", writer.Mul(centred, centred), axes);
        string inverse = writer.Over(OutputOf(node, 2), "Reciprocal", writer.Op("Sqrt", writer.Add(variance, epsilon)));
        string normed = writer.Mul(centred, inverse);
        bool biased = node.Input.Count > 2 && node.Input[2].Length > 0;
        if (biased)
        {
            writer.Over(node.Output[0], "Add", writer.Mul(normed, node.Input[1]), node.Input[2]);
        }
        else
        {
            writer.Over(node.Output[0], "Mul", normed, node.Input[1]);
        }
    }

    private static string OutputOf(NodeProto node, int index) => index < node.Output.Count ? node.Output[index] : "";
}
