using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>Finds a causal mask: a triangular constant, or an operator that cuts a triangle.</summary>
internal static class CausalMask
{
    private const int LargestSide = 4096;

    public static bool IsIn(Graph graph) =>
        graph.Nodes.Any(n => n.Proto.OpType is "Trilu" or "GroupQueryAttention" || n.Int("unidirectional", 0) != 0 || n.Int("is_causal", 0) != 0) || graph.Values.Any(v => v.Tensor is { } t && IsTriangle(t, graph));

    private static bool IsTriangle(global::Onnx.TensorProto tensor, Graph graph)
    {
        if (tensor.Dims.Count < 2 || tensor.Dims[^1] != tensor.Dims[^2] || tensor.Dims[^1] is < 2 or > LargestSide
            || tensor.Dims.Take(tensor.Dims.Count - 2).Any(d => d != 1) || ElementTypes.Bits((ElementType)tensor.DataType) < 8)
        {
            return false;
        }

        int n = (int)tensor.Dims[^1];
        TensorData data = graph.Model.DataOf(tensor);
        var row = new double[n];
        foreach (int i in new[] { 0, n / 2, n - 1 })
        {
            data.ReadDoubles((long)i * n, row);
            double allowed = row[0];
            for (int j = 0; j < n; j++)
            {
                // One value on and under the diagonal, another above it.
                if ((row[j] == allowed) != (j <= i))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
