using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Fusion;

/// <summary>
/// Types and extents of a training graph's values: those of the model's own are known, those behind them are followed through the
/// operators that gradients and updates are written with. What is not known is left out. Extents of open axes are those of
/// a trial run, in which they are more than 1.
/// </summary>
internal sealed class ValueShapes
{
    private readonly Dictionary<string, (ElementType Type, long[] Dims)> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _numbers = new(StringComparer.Ordinal);

    /// <param name="graph">The graph, its nodes in the order in which they are computed.</param>
    /// <param name="known">What is known of the model's values; null where the graph has none of a model's.</param>
    /// <param name="valueOf">The values that gradients have the extents of.</param>
    /// <param name="constants">The graph's constants.</param>
    public ValueShapes(GraphProto graph, ValueTable? known, IReadOnlyDictionary<string, string> valueOf, SmallConstants constants)
    {
        foreach (ValueInfoProto input in graph.Input)
        {
            if (known?.Knows(input.Name) == true)
            {
                Note(input.Name, known.TypeOf(input.Name), known.DimsOf(input.Name));
            }
            else if (input.Type?.TensorType is { Shape: { } shape } tensor && shape.Dim.All(d => d.DimParam.Length == 0))
            {
                Note(input.Name, (ElementType)tensor.ElemType, [.. shape.Dim.Select(d => d.DimValue)]);
            }
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            Note(tensor.Name, (ElementType)tensor.DataType, [.. tensor.Dims]);
            if (tensor.DataType == (int)ElementType.Int64 && constants.ValuesOf(tensor.Name) is { } numbers)
            {
                _numbers[tensor.Name] = [.. numbers.Select(v => (long)v)];
            }
        }

        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output.Where(o => o.Length > 0 && known?.Knows(o) == true))
            {
                Note(output, known!.TypeOf(output), known.DimsOf(output));
            }

            if (node.Output.Any(o => o.Length > 0 && !_values.ContainsKey(o)))
            {
                Follow(node);
            }

            foreach (string output in node.Output.Where(o => !_values.ContainsKey(o)))
            {
                if (valueOf.TryGetValue(output, out string? value) && DimsOf(value) is { } dims)
                {
                    Note(output, TypeOf(value), dims);
                }
            }
        }
    }

    /// <summary>A value's extents; null where they are not known.</summary>
    public long[]? DimsOf(string name) => _values.TryGetValue(name, out var value) ? value.Dims : null;

    /// <summary>A value's type; undefined where it is not known.</summary>
    public ElementType TypeOf(string name) => _values.TryGetValue(name, out var value) ? value.Type : ElementType.Undefined;

    /// <summary>The numbers of a small list of integers; null where they are not known.</summary>
    public long[]? NumbersOf(string name) => _numbers.GetValueOrDefault(name);

    private void Note(string name, ElementType type, long[] dims) => _values[name] = (type, dims);

    private void Follow(NodeProto node)
    {
        if (node.Domain is not ("" or "ai.onnx") || node.Output.Count == 0)
        {
            return;
        }

        long[]?[] dims = [.. node.Input.Select(i => i.Length > 0 ? DimsOf(i) : [])];
        if (node.OpType == "Shape" && dims[0] is { } shape && node.Attribute.Count == 0)
        {
            _numbers[node.Output[0]] = shape;
            Note(node.Output[0], ElementType.Int64, [shape.Length]);
            return;
        }

        if (Array.IndexOf(dims, null) < 0 && DimsAfter(node, dims!) is { } after)
        {
            Note(node.Output[0], TypeAfter(node), after);
        }
    }

    private ElementType TypeAfter(NodeProto node) => node.OpType switch
    {
        "Cast" => (ElementType)Attributes.Int(node, "to", 0),
        "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual" or "And" or "Or" or "Not" => ElementType.Bool,
        "Where" => TypeOf(node.Input[1]),
        _ => TypeOf(node.Input[0]),
    };

    private long[]? DimsAfter(NodeProto node, long[][] dims) => node.OpType switch
    {
        "Add" or "Sub" or "Mul" or "Div" or "Pow" or "Max" or "Min" or "Sum" or "Where" or "Mod"
            or "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual" or "And" or "Or" => Broadcast(dims),
        "Neg" or "Abs" or "Exp" or "Log" or "Sqrt" or "Reciprocal" or "Erf" or "Tanh" or "Sigmoid" or "HardSigmoid" or "Sign" or "Not" or "Cast" or "Identity"
            or "Softmax" or "LogSoftmax" or "Sin" or "Cos" or "Relu" or "Clip" or "ScatterElements" or "ScatterND" or "Trilu" or "CumSum" => dims[0],
        "MatMul" => Product(dims[0], dims[1]),
        "Gemm" => [dims[0][Attributes.Int(node, "transA", 0) == 0 ? 0 : 1], dims[1][Attributes.Int(node, "transB", 0) == 0 ? 1 : 0]],
        "Transpose" => Permuted(dims[0], Attributes.IntList(node, "perm")),
        "Reshape" => NumbersOf(node.Input[1]) is { } to && Attributes.Int(node, "allowzero", 0) == 0 ? Reshaped(dims[0], to) : null,
        "Unsqueeze" => NumbersOf(node.Input[1]) is { } axes ? Unsqueezed(dims[0], axes) : null,
        "Expand" => NumbersOf(node.Input[1]) is { } over ? Broadcast(dims[0], over) : null,
        "ReduceSum" or "ReduceMean" or "ReduceMax" or "ReduceMin" or "ReduceProd" or "ReduceSumSquare" or "ReduceL2" => Reduced(node, dims[0]),
        _ => null,
    };

    private static long[]? Broadcast(params long[][] dims)
    {
        int rank = dims.Max(d => d.Length);
        long[] result = Enumerable.Repeat(1L, rank).ToArray();
        foreach (long[] each in dims)
        {
            for (int i = 0; i < each.Length; i++)
            {
                ref long at = ref result[rank - each.Length + i];
                if (each[i] != 1 && at != 1 && each[i] != at)
                {
                    return null;
                }

                at = at == 1 ? each[i] : at;
            }
        }

        return result;
    }

    private static long[]? Product(long[] a, long[] b) =>
        a.Length >= 2 && b.Length >= 2 && Broadcast(a[..^2], b[..^2]) is { } batch ? [.. batch, a[^2], b[^1]] : null;

    private static long[] Permuted(long[] dims, long[]? perm) => perm is null ? [.. dims.Reverse()] : [.. perm.Select(p => dims[p])];

    private static long[] Reshaped(long[] dims, long[] to)
    {
        long[] result = [.. to.Select((d, i) => d == 0 ? dims[i] : d)];
        int open = Array.IndexOf(result, -1L);
        if (open >= 0)
        {
            long others = result.Where(d => d >= 0).Aggregate(1L, (product, d) => product * d);
            result[open] = others == 0 ? 0 : dims.Aggregate(1L, (product, d) => product * d) / others;
        }

        return result;
    }

    private static long[] Unsqueezed(long[] dims, long[] axes)
    {
        var result = dims.ToList();
        foreach (long axis in axes.Select(a => a < 0 ? a + dims.Length + axes.Length : a).Order())
        {
            result.Insert((int)axis, 1);
        }

        return [.. result];
    }

    private long[]? Reduced(NodeProto node, long[] dims)
    {
        bool keeps = Attributes.Int(node, "keepdims", 1) != 0;
        long[]? axes = node.Input.Count > 1 && node.Input[1].Length > 0 ? NumbersOf(node.Input[1]) : Attributes.IntList(node, "axes") ?? [.. Enumerable.Range(0, dims.Length).Select(a => (long)a)];
        if (axes is null)
        {
            return null;
        }

        HashSet<long> over = [.. axes.Select(a => a < 0 ? a + dims.Length : a)];
        return [.. Enumerable.Range(0, dims.Length).Where(a => keeps || !over.Contains(a)).Select(a => over.Contains(a) ? 1 : dims[a])];
    }
}
