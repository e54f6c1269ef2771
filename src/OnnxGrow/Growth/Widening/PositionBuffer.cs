using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Widening;

/// <summary>
/// Tables that hold something for each position and are no parameters: masks, numbers of positions, angles of rotary
/// embeddings. More positions continue the rule by which the old ones follow one another (rule 3.13); the old ones stay
/// what they are.
/// </summary>
internal static class PositionBuffer
{
    /// <summary>Larger tables than this are not continued.</summary>
    public const long MaxElements = 1L << 26;

    /// <summary>The continued table; null where no rule is recognised.</summary>
    /// <param name="tensor">The table.</param>
    /// <param name="data">Its elements.</param>
    /// <param name="target">Its extents after growth.</param>
    public static TensorData? Continue(TensorProto tensor, TensorData data, long[] target)
    {
        long[] dims = [.. tensor.Dims];
        int[] grown = [.. Enumerable.Range(0, dims.Length).Where(a => dims[a] != target[a])];
        var type = (ElementType)tensor.DataType;
        if (!ElementTypes.HasDoubles(type) || target.Aggregate(1L, (p, d) => checked(p * d)) > MaxElements || data.Count > MaxElements || dims.Contains(0))
        {
            return null;
        }

        var old = new double[data.Count];
        data.ReadDoubles(0, old);
        Func<long[], double>? rule = Constant(old) ?? Triangle(old, dims, grown) ?? Count(old, dims, grown) ?? Angles(old, dims, grown);
        return rule is null ? null : Make(type, dims, target, old, rule);
    }

    private static MemoryTensorData Make(ElementType type, long[] dims, long[] target, double[] old, Func<long[], double> rule)
    {
        var values = new double[target.Aggregate(1L, (p, d) => p * d)];
        var index = new long[target.Length];
        for (long at = 0; at < values.Length; at++)
        {
            long rest = at;
            long source = 0;
            bool inside = true;
            for (int a = target.Length - 1; a >= 0; a--)
            {
                index[a] = rest % target[a];
                rest /= target[a];
                inside &= index[a] < dims[a];
            }

            for (int a = 0; a < target.Length && inside; a++)
            {
                source = (source * dims[a]) + index[a];
            }

            values[at] = inside ? old[source] : rule(index);
        }

        int size = ElementTypes.Bits(type) / 8;
        var bytes = new byte[values.LongLength * size];
        if (ElementTypes.IsGrowable(type))
        {
            ElementTypes.FromDoubles(type, values, bytes);
        }
        else
        {
            Tensors.Numbers("", type, [values.Length], values).RawData.Span.CopyTo(bytes);
        }

        return new MemoryTensorData(type, bytes);
    }

    private static Func<long[], double>? Constant(double[] old) =>
        Array.TrueForAll(old, v => v == old[0]) ? _ => old[0] : null;

    /// <summary>One value on and under the diagonal of the last two axes, another above it.</summary>
    private static Func<long[], double>? Triangle(double[] old, long[] dims, int[] grown)
    {
        int rank = dims.Length;
        if (rank < 2 || dims[^1] != dims[^2] || !grown.SequenceEqual([rank - 2, rank - 1]) || dims.Take(rank - 2).Any(d => d != 1))
        {
            return null;
        }

        long n = dims[^1];
        double under = old[0];
        double above = old[1];
        for (long i = 0; i < n; i++)
        {
            for (long j = 0; j < n; j++)
            {
                if (old[(i * n) + j] != (j <= i ? under : above))
                {
                    return null;
                }
            }
        }

        return index => index[^1] <= index[^2] ? under : above;
    }

    /// <summary>Numbers that go up by the same step.</summary>
    private static Func<long[], double>? Count(double[] old, long[] dims, int[] grown)
    {
        if (grown is not [var axis] || dims.Where((_, a) => a != axis).Any(d => d != 1) || old.Length < 2)
        {
            return null;
        }

        double step = old[1] - old[0];
        for (int i = 1; i < old.Length; i++)
        {
            if (old[i] != old[0] + (step * i))
            {
                return null;
            }
        }

        return index => old[0] + (step * index[axis]);
    }

    /// <summary>Cosines or sines of position times a frequency, a column each.</summary>
    private static Func<long[], double>? Angles(double[] old, long[] dims, int[] grown)
    {
        if (grown is not [var axis] || dims[axis] < 4)
        {
            return null;
        }

        long stride = dims.Skip(axis + 1).Aggregate(1L, (p, d) => p * d);
        if (dims.Take(axis).Any(d => d != 1))
        {
            return null;
        }

        var columns = new AngleColumn?[stride];
        for (long c = 0; c < stride; c++)
        {
            columns[c] = AngleColumn.Of(old, c, stride, dims[axis]);
            if (columns[c] is null)
            {
                return null;
            }
        }

        return index =>
        {
            long column = 0;
            for (int a = axis + 1; a < dims.Length; a++)
            {
                column = (column * dims[a]) + index[a];
            }

            return columns[column]!.At(index[axis]);
        };
    }
}
