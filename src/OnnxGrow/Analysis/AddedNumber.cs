using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>
/// A weight that a number is added to before it is used, such as the gain 1 + w of Gemma's norms: between weight and use
/// stand only additions of numbers and operators that hand every entry on.
/// </summary>
internal static class AddedNumber
{
    /// <summary>The weight and the number added to it; null where the value is not made so.</summary>
    public static (Value Leaf, double Number)? Of(Value value, Graph graph)
    {
        double number = 0;
        for (int steps = 0; steps < 16; steps++)
        {
            if (value.Tensor is not null)
            {
                return (value, number);
            }

            if (value.Producer is not { } node)
            {
                return null;
            }

            if (node.Operator is "Cast" or "Identity" or "Reshape" or "Unsqueeze" or "Squeeze" or "Transpose")
            {
                value = node.Input(0)!;
                continue;
            }

            if (!node.Is("Add") || node.Inputs.Count != 2)
            {
                return null;
            }

            int side = Scalar(node.Input(0)!, graph) is not null ? 0 : 1;
            if (Scalar(node.Input(side)!, graph) is not { } added)
            {
                return null;
            }

            number += added;
            value = node.Input(1 - side)!;
        }

        return null;
    }

    private static double? Scalar(Value value, Graph graph)
    {
        if (Norms.ConstantLeaf.Of(value)?.Tensor is not { } tensor || Tensors.CountOf(tensor) != 1 || !ElementTypes.HasDoubles((ElementType)tensor.DataType))
        {
            return null;
        }

        Span<double> number = stackalloc double[1];
        graph.Model.DataOf(tensor).ReadDoubles(0, number);
        return number[0];
    }
}
