using System.Collections.Frozen;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>
/// Carries types and ranks from a node's inputs to its outputs, where the file does not declare them: whether a mask is
/// boolean, and how many axes a tensor has. Only what is certain is noted; an unknown stays unknown.
/// </summary>
internal static class ValueLearning
{
    private static readonly FrozenSet<string> Truths = FrozenSet.ToFrozenSet(
        ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "Not", "IsNaN", "IsInf"]);

    private static readonly FrozenSet<string> Counts = FrozenSet.ToFrozenSet(["Shape", "Size", "NonZero", "ArgMax", "ArgMin"]);

    private static readonly FrozenSet<string> SameShape = FrozenSet.ToFrozenSet(
        ["Identity", "Cast", "CastLike", "Relu", "Gelu", "FastGelu", "BiasGelu", "QuickGelu", "Erf", "Tanh", "Sigmoid", "Softmax",
         "LogSoftmax", "LayerNormalization", "SimplifiedLayerNormalization", "SkipLayerNormalization", "RMSNormalization", "Swish",
         "SkipSimplifiedLayerNormalization", "Dropout", "Not", "Neg", "Abs", "Sqrt", "Exp", "Log", "Reciprocal", "Clip", "CumSum",
         "RotaryEmbedding", "BatchNormalization", "InstanceNormalization", "GroupNormalization", "Softplus", "Elu", "LeakyRelu",
         "HardSwish", "HardSigmoid", "Mish", "Selu", "Celu", "PRelu", "Trilu", "Floor", "Round", "Ceil", "Sign", "Cos", "Sin"]);

    private static readonly FrozenSet<string> Broadcasts = FrozenSet.ToFrozenSet(
        ["Add", "Sub", "Mul", "Div", "Pow", "Where", "And", "Or", "Xor", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual",
         "Min", "Max", "Mod", "Sum", "Mean"]);

    /// <summary>Operators whose first output has the type of the first input.</summary>
    private static readonly FrozenSet<string> SameType = FrozenSet.ToFrozenSet(
        SameShape.Concat(Broadcasts).Except(Truths).Except(["Where"]).Concat(
            ["Reshape", "Transpose", "Unsqueeze", "Squeeze", "Concat", "Slice", "Split", "Expand", "Gather", "GatherElements", "GatherND",
             "Flatten", "Tile", "Pad", "Range", "MatMul", "Gemm", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ScatterND",
             "ScatterElements", "Conv", "FusedMatMul", "FusedGemm", "Attention", "MultiHeadAttention", "GroupQueryAttention", "TopK"]));

    /// <summary>Notes what follows for the outputs of a node.</summary>
    public static void Learn(NodeProto node, ValueScope scope, LiftState state)
    {
        if (node.Output.Count == 0 || node.Output[0].Length == 0)
        {
            return;
        }

        if (node.OpType == "Constant" && node.Attribute is [{ T: { } tensor }])
        {
            scope.SetConstant(node.Output[0], tensor);
            return;
        }

        ElementType type = TypeOf(node, scope);
        scope.Set(node.Output[0], type, DimsOf(node, scope, state));
        LearnRest(node, scope, type);
    }

    // Outputs behind the first.
    private static void LearnRest(NodeProto node, ValueScope scope, ElementType type)
    {
        for (int i = 1; i < node.Output.Count; i++)
        {
            string output = node.Output[i];
            switch (node.OpType)
            {
                case "Split" or "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization":
                    scope.Set(output, type, i is 3 || node.OpType == "Split" ? scope.DimsOf(node.Output[0]) : null);
                    break;
                case "EmbedLayerNormalization":
                    scope.Set(output, i == 1 ? ElementType.Int32 : type, Unknown(i == 1 ? 1 : 3));
                    break;
                case "Attention" when node.Domain.Length > 0:
                    scope.Set(output, type, Unknown(5));
                    break;
                case "Attention" or "MultiHeadAttention" or "GroupQueryAttention":
                    scope.Set(output, type, Unknown(4));
                    break;
            }
        }
    }

    private static ElementType TypeOf(NodeProto node, ValueScope scope) => node.OpType switch
    {
        _ when Truths.Contains(node.OpType) => ElementType.Bool,
        _ when Counts.Contains(node.OpType) => ElementType.Int64,
        "Cast" => (ElementType)(node.Attribute.FirstOrDefault(a => a.Name == "to")?.I ?? 0),
        "CastLike" or "Where" => scope.TypeOf(node.Input[1]),
        "ConstantOfShape" => (ElementType)(node.Attribute.FirstOrDefault(a => a.Name == "value")?.T.DataType ?? 0),
        _ when SameType.Contains(node.OpType) => scope.TypeOf(node.Input[0]),
        _ => ElementType.Undefined,
    };

    private static long[]? DimsOf(NodeProto node, ValueScope scope, LiftState state)
    {
        long[]?[] known = [.. node.Input.Select(i => i.Length == 0 ? null : scope.DimsOf(i))];
        long[]? first = known.Length > 0 ? known[0] : null;
        switch (node.OpType)
        {
            case "Reshape" when node.Input.Count > 1:
                return state.IntsOf(scope, node.Input[1]) is { } target
                    ? [.. target.Select((d, i) => d > 0 ? d : d == 0 && first is not null && i < first.Length ? first[i] : -1)]
                    : known[1] is [> 0] ? Unknown((int)known[1]![0]) : null;
            case "Transpose" when node.Attribute.FirstOrDefault(a => a.Name == "perm") is { } perm:
                return [.. perm.Ints.Select(axis => first is not null && axis >= 0 && axis < first.Length ? first[axis] : -1)];
            case "Transpose" when first is not null:
                return [.. first.Reverse()];
            case "Unsqueeze" or "Squeeze" when first is not null && Axes(node, scope, state) is { } axes:
                return Unknown(first.Length + (node.OpType == "Unsqueeze" ? axes.Length : -axes.Length));
            case "MatMul" or "FusedMatMul" when first is { Length: > 1 } && known[1] is { Length: > 1 } second:
                return [.. Unknown(Math.Max(first.Length, second.Length) - 2), first[^2], second[^1]];
            case "Conv" when known[1] is { Length: > 2 } weight:
                return [first?[0] ?? -1, weight[0], .. Unknown(weight.Length - 2)];
            case "Gemm" or "FusedGemm" or "Flatten":
                return Unknown(2);
            case "EmbedLayerNormalization":
                return Unknown(3);
            case "ConstantOfShape" when known[0] is [>= 0] shape:
                return Unknown((int)shape[0]);
            case "Expand" when first is not null && known[1] is [>= 0] wanted:
                return Unknown(Math.Max(first.Length, (int)wanted[0]));
            case "ReduceSum" or "ReduceMean" or "ReduceMax" or "ReduceMin" when first is not null:
                return node.Attribute.FirstOrDefault(a => a.Name == "keepdims")?.I != 0 ? Unknown(first.Length)
                    : Axes(node, scope, state) is { } reduced ? Unknown(first.Length - reduced.Length)
                    : null;
            case "Gather" when first is not null && known[1] is { } indices:
                return Unknown(first.Length + indices.Length - 1);
            case "Concat" or "Slice" or "Split" or "Pad" or "Tile" or "GatherElements" or "ScatterND" or "ScatterElements"
                when known.FirstOrDefault(k => k is not null) is { } any:
                return Unknown(any.Length);
            case "Shape":
                return first is null ? Unknown(1) : [first.Length];
            case "Range" or "NonZero":
                return Unknown(node.OpType == "Range" ? 1 : 2);
            case "Attention" or "MultiHeadAttention" or "GroupQueryAttention" when node.Domain.Length > 0:
                return Unknown(3);
            case "Attention" or "TopK" when first is not null:
                return Unknown(first.Length);
            default:
                return SameShape.Contains(node.OpType) ? first
                    : Broadcasts.Contains(node.OpType) && known.All(k => k is not null) ? Broadcast(known!)
                    : null;
        }
    }

    private static long[]? Axes(NodeProto node, ValueScope scope, LiftState state) =>
        node.Attribute.FirstOrDefault(a => a.Name == "axes") is { } listed ? [.. listed.Ints]
        : node.Input.Count > 1 && scope.DimsOf(node.Input[1]) is [> 0] count ? state.IntsOf(scope, node.Input[1]) ?? new long[count[0]]
        : null;

    private static long[] Broadcast(long[][] shapes)
    {
        long[] result = [.. Enumerable.Repeat(1L, shapes.Max(s => s.Length))];
        foreach (long[] shape in shapes)
        {
            for (int i = 1; i <= shape.Length; i++)
            {
                // A fixed extent beyond 1 wins; an unknown one may be 1 or that.
                result[^i] = shape[^i] > 1 || result[^i] == 1 ? shape[^i] : result[^i];
            }
        }

        return result;
    }

    private static long[] Unknown(int rank) => [.. Enumerable.Repeat(-1L, Math.Max(rank, 0))];
}
