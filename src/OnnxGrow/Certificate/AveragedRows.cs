using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>Averages of source rows over blocks of the axes before the last, each set of axes summed once over the source.</summary>
internal sealed class AveragedRows(CheckedAxis[] axes, TensorData source)
{
    private readonly Dictionary<int, Table> _tables = [];
    private readonly int _width = axes[^1].Source;

    private sealed record Table(double[] High, double[] Low, double Spread);

    /// <summary>Gives one averaged row.</summary>
    /// <param name="means">The axes that are averaged, one bit each.</param>
    /// <param name="row">The row, counted over the blocks on those axes and over the source indices on the others.</param>
    /// <param name="high">Takes the upper parts.</param>
    /// <param name="low">Takes the lower parts.</param>
    /// <returns>What rounding errors of the averages in float64 are relative to, beyond their own magnitude.</returns>
    public double Read(int means, long row, Span<double> high, Span<double> low)
    {
        if (!_tables.TryGetValue(means, out Table? table))
        {
            _tables.Add(means, table = Make(means));
        }

        table.High.AsSpan((int)(row * _width), _width).CopyTo(high);
        table.Low.AsSpan((int)(row * _width), _width).CopyTo(low);
        return table.Spread;
    }

    /// <summary>
    /// The average of n terms, summed in float64 with the rounding errors carried along, is at most n^2 2^-106 times the
    /// largest term off beyond its last roundings (Ogita, Rump and Oishi 2005). That many units of 2^-53, twice: for what
    /// is checked and for what it is checked against.
    /// </summary>
    public static double SpreadOf(double largest, double count) => 2 * largest * count * count * (1.0 / (1L << 53));

    private Table Make(int means)
    {
        int rank = axes.Length - 1;
        long count = 1;
        for (int a = 0; a < rank; a++)
        {
            count *= Extent(a, means);
        }

        double[] high = new double[checked(count * _width)];
        double[] low = new double[high.Length];
        var rows = new StoredRows(source, _width);
        var sums = new ExactSum(_width);
        double largest = 0;
        double most = 1;
        int[] index = new int[rank];
        int at = 0;
        do
        {
            double divisor = Sum(means, index, rows, sums, ref largest);
            most = Math.Max(most, divisor);
            for (int i = 0; i < _width; i++, at++)
            {
                (high[at], low[at]) = sums.At(i) / divisor;
            }
        }
        while (Odometer.Next(index, a => Extent(a, means)));

        // The average of averages is rounded at every step.
        return new Table(high, low, int.PopCount(means) == 1 ? SpreadOf(largest, most) : largest + SpreadOf(largest, most));
    }

    /// <summary>Adds a row times the weights of its indices, with what the products lose by rounding.</summary>
    private void Weigh(double[] row, int[] within, AverageBlock[] blocks, ExactSum sums)
    {
        for (int a = 0; a < within.Length; a++)
        {
            if (axes[a].Weights is not { } weights || blocks[a].Count == 1)
            {
                continue;
            }

            double weight = weights[blocks[a].Start + within[a]];
            for (int i = 0; i < row.Length; i++)
            {
                double product = row[i] * weight;
                sums.AddAt(i, Math.FusedMultiplyAdd(row[i], weight, -product));
                row[i] = product;
            }
        }

        sums.Add(0, row);
    }

    private int Extent(int axis, int means) => (means >> axis & 1) != 0 ? axes[axis].Blocks.Length : axes[axis].Source;

    /// <summary>Sums the source rows of one averaged row; gives their number.</summary>
    private double Sum(int means, int[] index, StoredRows rows, ExactSum sums, ref double largest)
    {
        double divisor = 1;
        var blocks = new AverageBlock[index.Length];
        for (int a = 0; a < blocks.Length; a++)
        {
            blocks[a] = (means >> a & 1) != 0 ? axes[a].Blocks[index[a]] : new AverageBlock(index[a], 1);
            divisor *= blocks[a].Count;
        }

        sums.Clear();
        int[] within = new int[index.Length];
        do
        {
            long row = 0;
            for (int a = 0; a < within.Length; a++)
            {
                row = (row * axes[a].Source) + blocks[a].Start + within[a];
            }

            rows.Read(row * _width, _width);
            Weigh(rows.Row, within, blocks, sums);
            foreach (double value in rows.Row)
            {
                largest = Math.Max(largest, Math.Abs(value));
            }
        }
        while (Odometer.Next(within, a => blocks[a].Count));
        return divisor;
    }
}
