using System.Buffers;
using System.Collections.Concurrent;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>Means of a source tensor over the blocks of one or more axes; each such axis has one index a block.</summary>
/// <param name="Values">The means, row-major.</param>
/// <param name="Strides">Elements from one index of each axis to the next.</param>
internal sealed record MeanTable(double[] Values, long[] Strides);

/// <summary>
/// The averages that a recipe needs, each computed once, when first asked for: in float64, each sum in the order of
/// the source indices with its rounding errors carried along, so that no machine and no thread gives other bits. A table
/// holds the axes that are not averaged only.
/// </summary>
internal sealed class MeanTables(TensorData source, RecipeLayout layout)
{
    private const int Block = 8192;

    private readonly ConcurrentDictionary<int, Lazy<MeanTable>> _tables = new();

    /// <summary>The table of a set of averaging axes, one bit each.</summary>
    public MeanTable Of(int axes) => _tables.GetOrAdd(axes, a => new Lazy<MeanTable>(() => Make(a))).Value;

    private MeanTable Make(int axes)
    {
        int axis = 31 - int.LeadingZeroCount(axes);
        int others = axes & ~(1 << axis);
        TensorData data = others == 0 ? source : new Held(Of(others).Values);
        long outer = 1;
        long inner = 1;
        for (int a = 0; a < layout.Axes.Length; a++)
        {
            outer *= a < axis ? ExtentOf(a, axes) : 1;
            inner *= a > axis ? ExtentOf(a, axes) : 1;
        }

        AverageBlock[] blocks = [.. layout.Axes[axis].Expansion.Blocks];
        double[] values = new double[checked(outer * blocks.Length * inner)];
        for (long o = 0; o < outer; o++)
        {
            for (int b = 0; b < blocks.Length; b++)
            {
                long first = ((o * layout.Axes[axis].Source) + blocks[b].Start) * inner;
                double[]? weights = layout.Axes[axis].Expansion.Weights;
                Average(data, first, blocks[b].Count, weights is null ? default : weights.AsSpan(blocks[b].Start, blocks[b].Count), values.AsSpan(checked((int)(((o * blocks.Length) + b) * inner)), (int)inner));
            }
        }

        return new MeanTable(values, Strides(axes));
    }

    private long ExtentOf(int axis, int means)
    {
        RecipeAxisLayout layoutOfAxis = layout.Axes[axis];
        return (means >> axis & 1) == 0 ? layoutOfAxis.Source : layoutOfAxis.Expansion.Blocks.Length;
    }

    private long[] Strides(int means)
    {
        long[] strides = new long[layout.Axes.Length];
        long stride = 1;
        for (int a = strides.Length - 1; a >= 0; a--)
        {
            strides[a] = stride;
            stride *= ExtentOf(a, means);
        }

        return strides;
    }

    /// <summary>The mean of <paramref name="count"/> rows that follow each other, entry by entry.</summary>
    private static void Average(TensorData data, long first, int count, ReadOnlySpan<double> weights, Span<double> mean)
    {
        int width = Math.Min(mean.Length, Block);
        int rowsAtOnce = width == mean.Length ? Math.Max(1, Block / Math.Max(1, width)) : 1;
        double[] buffer = ArrayPool<double>.Shared.Rent(width * rowsAtOnce);
        double[] errors = ArrayPool<double>.Shared.Rent(width);
        for (int start = 0; start < mean.Length; start += width)
        {
            Span<double> sum = mean.Slice(start, Math.Min(width, mean.Length - start));
            Span<double> error = errors.AsSpan(0, sum.Length);
            sum.Clear();
            error.Clear();
            for (int row = 0; row < count; row += rowsAtOnce)
            {
                Span<double> rows = buffer.AsSpan(0, Math.Min(rowsAtOnce, count - row) * sum.Length);
                data.ReadDoubles(first + ((long)row * mean.Length) + start, rows);
                for (int i = 0; i < rows.Length && weights.Length > 0; i++)
                {
                    rows[i] *= weights[row + (i / sum.Length)];
                }

                if (sum.Length == 1)
                {
                    AddAll(rows, ref sum[0], ref error[0]);
                    continue;
                }

                for (; rows.Length > 0; rows = rows[sum.Length..])
                {
                    AddEach(rows, sum, error);
                }
            }

            for (int i = 0; i < sum.Length; i++)
            {
                // Sums that are infinite or not numbers have no error to carry.
                sum[i] = (double.IsFinite(sum[i]) ? sum[i] + error[i] : sum[i]) / count;
            }
        }

        ArrayPool<double>.Shared.Return(errors);
        ArrayPool<double>.Shared.Return(buffer);
    }

    private static void AddAll(ReadOnlySpan<double> values, ref double sum, ref double error)
    {
        double s = sum;
        double e = error;
        foreach (double value in values)
        {
            Add(value, ref s, ref e);
        }

        sum = s;
        error = e;
    }

    private static void AddEach(ReadOnlySpan<double> values, Span<double> sum, Span<double> error)
    {
        values = values[..sum.Length];
        error = error[..sum.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            Add(values[i], ref sum[i], ref error[i]);
        }
    }

    /// <summary>Adds a value, and to the error what the sum lost by rounding (Knuth's TwoSum).</summary>
    private static void Add(double value, ref double sum, ref double error)
    {
        double total = sum + value;
        double part = total - sum;
        error += (sum - (total - part)) + (value - part);
        sum = total;
    }

    /// <summary>A table as a tensor, to average it over one more axis.</summary>
    private sealed class Held(double[] values) : TensorData
    {
        public override ElementType ElementType => ElementType.Float64;

        public override long Count => values.Length;

        public override void ReadBytes(long byteOffset, Span<byte> destination) => throw new NotSupportedException();

        public override void ReadDoubles(long first, Span<double> destination) =>
            values.AsSpan((int)first, destination.Length).CopyTo(destination);
    }
}
