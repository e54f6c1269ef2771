using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Deepening;

/// <summary>
/// Finds the constants that make a block's output zero when they are zero: the last linear map with its bias, a LayerScale,
/// or the gain and bias of a norm that the block ends with (growth-math, rules 3.15, 4.1, 4.3).
/// </summary>
internal sealed class ZeroOutput(IReadOnlyDictionary<Node, NormInstance> norms, Graph graph)
{
    /// <summary>The constants, each with what the graph adds to it, or null where the output cannot be made zero by constants alone.</summary>
    public Dictionary<Value, double>? Of(Value output)
    {
        var constants = new Dictionary<Value, double>();
        return Reach(output, constants, 0) ? constants : null;
    }

    private bool Reach(Value value, Dictionary<Value, double> constants, int depth)
    {
        if (depth > 64)
        {
            return false;
        }

        if (value.IsStatic)
        {
            if (AddedNumber.Of(value, graph) is not { } leaf)
            {
                return false;
            }

            constants[leaf.Leaf] = leaf.Number;
            return true;
        }

        if (value.Producer is not { } node)
        {
            return false;
        }

        if (norms.TryGetValue(node, out NormInstance? norm))
        {
            return norm.Gain is { } gain && Reach(gain, constants, depth + 1) && (norm.Bias is null || Reach(norm.Bias, constants, depth + 1));
        }

        if (node.Proto.Domain == Branches.Domain)
        {
            return node.Inputs.Skip(1).All(i => i is not null && Reach(i, constants, depth + 1));
        }

        if (node.Is("ConstantOfShape"))
        {
            return IsZero(node);
        }

        switch (node.Operator)
        {
            case "Add" or "Sub" or "Sum" or "Concat":
                return node.Inputs.All(i => Reach(i!, constants, depth + 1));
            case "Gemm" or "Conv" or "com.microsoft.FusedGemm":
                return node.Input(1) is { IsStatic: true } kernel && Reach(kernel, constants, depth + 1)
                    && (node.Input(2) is not { } bias || Reach(bias, constants, depth + 1));
            case "MatMul" or "Einsum" or "com.microsoft.FusedMatMul":
                return node.Inputs.Any(i => i is { IsStatic: true }) ? Either(node, constants, depth) : AnyOf(node, constants, depth);
            case "Mul":
                // A number for the whole tensor is no parameter to be zeroed: look behind it.
                return node.Inputs.All(i => i is not { IsStatic: true } || IsNumber(i))
                    ? AnyOf(node, constants, depth)
                    : Either(node, constants, depth);
            case "Div":
                return Reach(node.Input(0)!, constants, depth + 1);
            case "ReduceSum" or "ReduceMean" or "Split" or "Expand" or "Gather" or "Pad" or "AveragePool" or "GlobalAveragePool":
                return Reach(node.Input(0)!, constants, depth + 1);
            case "Identity" or "Cast" or "Reshape" or "Transpose" or "Dropout" or "Squeeze" or "Unsqueeze" or "Neg" or "Slice" or "Flatten":
                return Reach(node.Input(0)!, constants, depth + 1);
            default:
                return false;
        }
    }

    private bool IsZero(Node node)
    {
        if (node.Attribute("value")?.T is not { } tensor)
        {
            return true;
        }

        if (Tensors.CountOf(tensor) != 1 || !ElementTypes.HasDoubles((ElementType)tensor.DataType))
        {
            return false;
        }

        Span<double> value = stackalloc double[1];
        graph.Model.DataOf(tensor).ReadDoubles(0, value);
        return value[0] == 0;
    }

    /// <summary>
    /// A product is zero where one factor is: the last that weights can make so (values rather than the weights of attention,
    /// what experts give rather than how much each counts).
    /// </summary>
    private bool AnyOf(Node node, Dictionary<Value, double> constants, int depth)
    {
        foreach (Value input in node.Inputs.Where(i => i is { IsStatic: false }).Reverse()!)
        {
            var own = new Dictionary<Value, double>();
            if (Reach(input, own, depth + 1))
            {
                foreach ((Value value, double added) in own)
                {
                    constants[value] = added;
                }

                return true;
            }
        }

        return false;
    }

    private bool Either(Node node, Dictionary<Value, double> constants, int depth) =>
        node.Inputs.FirstOrDefault(i => i is { IsStatic: true }) is { } weight && Reach(weight, constants, depth + 1);

    private static bool IsNumber(Value value) => value.Axes is { } axes && axes.All(a => a.Factors.Length == 0);
}
