using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>What tokens an attention keeps from each other, beside padding.</summary>
internal enum MaskKind
{
    /// <summary>None.</summary>
    Full,

    /// <summary>What the mask lets through is an input of the model.</summary>
    Given,

    /// <summary>A token sees those before it.</summary>
    Causal,
}

/// <summary>
/// Tells how attentions are masked, from what enters their scores beside queries and keys: an attribute of the operator, a
/// triangle, or a comparison of two tokens' positions. Padding masks compare no positions.
/// </summary>
internal static class AttentionMask
{
    private const int LargestSide = 4096;

    /// <summary>What the attentions among some nodes keep from each other; the strictest counts.</summary>
    public static MaskKind Of(IEnumerable<Node> nodes, Graph graph)
    {
        var kind = MaskKind.Full;
        var seen = new HashSet<Value>();
        foreach (Node node in nodes)
        {
            if (node.Proto.OpType == "GroupQueryAttention" || node.Int("unidirectional", 0) != 0 || node.Int("is_causal", 0) != 0)
            {
                return MaskKind.Causal;
            }

            kind = Added(node).Select(v => OfMask(v, graph, seen)).Append(kind).Max();
        }

        return kind;
    }

    /// <summary>What enters an attention's scores: what a Softmax takes, and of a fused attention all behind query, key and value.</summary>
    private static IEnumerable<Value> Added(Node node)
    {
        bool fused = node.Proto.OpType.EndsWith("Attention", StringComparison.Ordinal);
        bool softmax = node.Is("Softmax") || (node.Is("Exp") && node.Output(0)!.Consumers.Any(u => u.Node.Is("ReduceSum")));
        return fused ? node.Inputs.Skip(3).OfType<Value>() : softmax ? node.Inputs.OfType<Value>() : [];
    }

    private static MaskKind OfMask(Value mask, Graph graph, HashSet<Value> seen)
    {
        var open = new Stack<Value>([mask]);
        var kind = MaskKind.Full;
        while (open.TryPop(out Value? value))
        {
            if (!seen.Add(value))
            {
                continue;
            }

            if (value.Tensor is { } tensor && IsTriangle(tensor, graph))
            {
                return MaskKind.Causal;
            }

            if (value.Producer is not { } node)
            {
                kind = value.IsGraphInput && value.Tensor is null && value.Axes?.Length >= 3 ? MaskKind.Given : kind;
                continue;
            }

            if (node.Proto.OpType == "Trilu" || IsComparisonOfPositions(node))
            {
                return MaskKind.Causal;
            }

            // Queries and keys, and what is looked up by numbers made of positions: relative biases.
            if (node.Is("MatMul") || node.Is("Einsum") || node.Is("Gemm") || node.Is("Shape") || node.Proto.OpType.EndsWith("Attention", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (Value input in (node.Is("Gather") ? node.Inputs.Take(1) : node.Inputs).OfType<Value>())
            {
                open.Push(input);
            }
        }

        return kind;
    }

    private static bool IsComparisonOfPositions(Node node) =>
        (node.Is("Less") || node.Is("Greater") || node.Is("LessOrEqual") || node.Is("GreaterOrEqual"))
        && (node.Inputs.All(i => i is not null && Positions(i, 0, []) > 0) || node.Inputs.Any(i => i is not null && Positions(i, 0, []) > 1));

    /// <summary>How many numberings of tokens enter a value; two of them are a difference.</summary>
    private static int Positions(Value value, int depth, Dictionary<(Value Value, int Depth), int> known)
    {
        const int MaxDepth = 24;
        if (value.Producer is not { } node)
        {
            return value.Tensor is { } t && Tensors.CountOf(t) > 1 && t.Dims.Count(d => d > 1) == 1 && t.DataType is (int)ElementType.Int64 or (int)ElementType.Int32 ? 1 : 0;
        }

        if (node.Is("Range") || node.Is("CumSum") || node.Is("NonZero"))
        {
            return 1;
        }

        if (depth > MaxDepth || node.Is("Shape") || node.Is("MatMul") || node.Is("Einsum") || node.Is("ConstantOfShape"))
        {
            return 0;
        }

        if (known.TryGetValue((value, depth), out int found))
        {
            return found;
        }

        int of = node.Is("Add") || node.Is("Sub") ? 2 : node.Is("Where") ? 3 : 1;
        return known[(value, depth)] = node.Inputs.Take(of).OfType<Value>().Sum(i => Math.Min(2, Positions(i, depth + 1, known)));
    }

    private static bool IsTriangle(global::Onnx.TensorProto tensor, Graph graph)
    {
        if (tensor.Dims.Count < 2 || tensor.Dims[^1] != tensor.Dims[^2] || tensor.Dims[^1] is < 2 or > LargestSide
            || tensor.Dims.Take(tensor.Dims.Count - 2).Any(d => d != 1) || !ElementTypes.HasDoubles((ElementType)tensor.DataType))
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
