using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Widening;

/// <summary>Vectors that the file holds.</summary>
internal static class ConstantVector
{
    /// <summary>The entries of a constant that is a vector, extents of 1 aside; null for anything else.</summary>
    public static double[]? Of(Value? value, Graph graph)
    {
        Value? leaf = value is null ? null : Leaf(value);
        if (leaf?.Tensor is not { } tensor || tensor.Dims.Count(d => d != 1) != 1 || !ElementTypes.IsGrowable((ElementType)tensor.DataType))
        {
            return null;
        }

        var entries = new double[Tensors.CountOf(tensor)];
        graph.Model.DataOf(tensor).ReadDoubles(0, entries);
        return entries;
    }

    private static Value? Leaf(Value value)
    {
        while (value.Producer is { } node && (node.Is("Reshape") || node.Is("Unsqueeze") || node.Is("Squeeze")))
        {
            value = node.Input(0)!;
        }

        return ConstantLeaf.Of(value);
    }
}
