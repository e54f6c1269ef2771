using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Trainability;

/// <summary>The slices of a weight across one axis: rows, columns, or for a vector its entries.</summary>
internal sealed class WeightSlices
{
    private readonly int _outer;
    private readonly int _inner;

    public WeightSlices(Parameter parameter, int axis)
    {
        Axis = axis;
        Count = (int)parameter.Dims[axis];
        _outer = (int)parameter.Dims.Take(axis).Aggregate(1L, (n, d) => n * d);
        _inner = (int)parameter.Dims.Skip(axis + 1).Aggregate(1L, (n, d) => n * d);
    }

    public int Axis { get; }

    public int Count { get; }

    /// <summary>The largest absolute value of each slice.</summary>
    public void Largest(double[] values, double[] into)
    {
        for (int o = 0, at = 0; o < _outer; o++)
        {
            for (int s = 0; s < Count; s++)
            {
                for (int i = 0; i < _inner; i++, at++)
                {
                    into[s] = Math.Max(into[s], Math.Abs(values[at]));
                }
            }
        }
    }

    /// <summary>Adds to each slice's number the sum of its entries, each times a number of its place.</summary>
    public void Sign(double[] values, double[] into)
    {
        for (int o = 0, at = 0; o < _outer; o++)
        {
            for (int s = 0; s < Count; s++)
            {
                for (int i = 0; i < _inner; i++, at++)
                {
                    into[s] += values[at] * NumberOf((o * (long)_inner) + i);
                }
            }
        }
    }

    /// <summary>The largest difference between two slices.</summary>
    public double Distance(double[] values, int a, int b)
    {
        double largest = 0;
        for (int o = 0; o < _outer; o++)
        {
            ReadOnlySpan<double> first = values.AsSpan(((o * Count) + a) * _inner, _inner);
            ReadOnlySpan<double> second = values.AsSpan(((o * Count) + b) * _inner, _inner);
            for (int i = 0; i < _inner; i++)
            {
                largest = Math.Max(largest, Math.Abs(first[i] - second[i]));
            }
        }

        return largest;
    }

    // A number between 1/2 and 1 that differs from place to place (Weyl's sequence).
    private static double NumberOf(long place)
    {
        double turns = place * 0.6180339887498949;
        return 0.5 + (0.5 * (turns - Math.Floor(turns)));
    }
}
