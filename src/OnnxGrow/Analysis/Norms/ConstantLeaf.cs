using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Norms;

/// <summary>Constants behind operators that hand every entry on.</summary>
internal static class ConstantLeaf
{
    /// <summary>
    /// The constant that a value is, as it stands or through operators that change its type or regroup its entries; null for
    /// anything else.
    /// </summary>
    public static Value? Of(Value value)
    {
        while (value.Tensor is null)
        {
            if (value.Producer is not { } node || node.Input(0) is not { } inner
                || node.Operator is not ("Cast" or "Identity" or "Reshape" or "Squeeze" or "Unsqueeze"))
            {
                return null;
            }

            value = inner;
        }

        return value;
    }

    /// <summary>The extents that a value has which is such a constant; null where they are not plain to see.</summary>
    public static long[]? DimsOf(Value value)
    {
        // An explicit stack: the chain may be long.
        var behind = new Stack<Node>();
        while (value.Tensor is null)
        {
            if (value.Producer is not { } node || node.Input(0) is not { } inner)
            {
                return null;
            }

            behind.Push(node);
            value = inner;
        }

        long[]? dims = [.. value.Tensor.Dims];
        while (dims is not null && behind.TryPop(out Node? node))
        {
            dims = DimsAfter(node, dims);
        }

        return dims;
    }

    private static long[]? DimsAfter(Node node, long[] dims) => node.Operator switch
    {
        "Cast" or "Identity" => dims,
        "Reshape" => Reshaped(dims, Integers(node, "shape")),
        "Squeeze" => Integers(node, "axes") is { } gone ? [.. dims.Where((_, i) => !gone.Contains(i) && !gone.Contains(i - dims.Length))]
            : node.Input(1) is null ? [.. dims.Where(d => d != 1)] : null,
        "Unsqueeze" => Integers(node, "axes") is { } added ? Inserted(dims, added) : null,
        _ => null,
    };

    private static long[]? Reshaped(long[] dims, long[]? target)
    {
        if (target is null || target.Contains(0))
        {
            return null;
        }

        long count = dims.Aggregate(1L, (p, d) => p * d);
        long known = target.Where(t => t > 0).Aggregate(1L, (p, d) => p * d);
        if (known <= 0 || count < 0)
        {
            // More than 64 bits can count.
            return null;
        }

        return [.. target.Select(t => t < 0 ? count / known : t)];
    }

    private static long[]? Inserted(long[] dims, long[] axes)
    {
        int rank = dims.Length + axes.Length;
        var at = axes.Select(a => a < 0 ? a + rank : a).Where(a => a >= 0 && a < rank).ToHashSet();
        if (at.Count != axes.Length)
        {
            // An axis twice, or one that is not there.
            return null;
        }

        var rest = new Queue<long>(dims);
        return [.. Enumerable.Range(0, rank).Select(i => at.Contains(i) ? 1 : rest.Dequeue())];
    }

    /// <summary>A node's integers: its attribute, or its second input where that is a constant.</summary>
    private static long[]? Integers(Node node, string attribute)
    {
        if (node.Ints(attribute) is { } ints)
        {
            return ints;
        }

        if (node.Input(1)?.Tensor is not { DataType: (int)ElementType.Int64 } tensor || tensor.Dims.Count > 1)
        {
            return null;
        }

        return tensor.Int64Data.Count > 0 ? [.. tensor.Int64Data]
            : tensor.RawData.Length % 8 == 0 ? [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(tensor.RawData.Span)]
            : null;
    }
}
