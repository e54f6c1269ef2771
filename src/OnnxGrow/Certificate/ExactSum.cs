using System.Numerics;
using System.Runtime.InteropServices;

namespace OnnxGrow.Certificate;

/// <summary>
/// A row of sums that know what they lost by rounding. Each sum is <see cref="High"/> + <see cref="Low"/>, where
/// <see cref="Low"/> collects the rounding errors of <see cref="High"/> (TwoSum); whatever even Low cannot hold is added to
/// <see cref="Lost"/> in magnitude. A sum with Lost = 0 is exact, so that a residual of zero is one.
/// </summary>
internal sealed class ExactSum(int width)
{
    /// <summary>The sums, rounded.</summary>
    public double[] High { get; } = new double[width];

    /// <summary>The rounding errors of the sums.</summary>
    public double[] Low { get; } = new double[width];

    /// <summary>Magnitude of what is in neither.</summary>
    public double[] Lost { get; } = new double[width];

    /// <summary>The sums of the magnitudes.</summary>
    public double[] Magnitude { get; } = new double[width];

    public void Clear()
    {
        Array.Clear(High);
        Array.Clear(Low);
        Array.Clear(Lost);
        Array.Clear(Magnitude);
    }

    /// <summary>Begins sums with their first terms.</summary>
    public void Set(int at, ReadOnlySpan<double> values)
    {
        values.CopyTo(High.AsSpan(at));
        Low.AsSpan(at, values.Length).Clear();
        Lost.AsSpan(at, values.Length).Clear();
        Span<double> magnitude = Magnitude.AsSpan(at, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            magnitude[i] = Math.Abs(values[i]);
        }
    }

    /// <summary>Adds a term to each of some sums that follow each other.</summary>
    public void Add(int at, ReadOnlySpan<double> values)
    {
        int lanes = Vector<double>.Count;
        int whole = values.Length - (values.Length % lanes);
        ReadOnlySpan<Vector<double>> terms = MemoryMarshal.Cast<double, Vector<double>>(values[..whole]);
        Span<Vector<double>> high = MemoryMarshal.Cast<double, Vector<double>>(High.AsSpan(at, whole));
        Span<Vector<double>> low = MemoryMarshal.Cast<double, Vector<double>>(Low.AsSpan(at, whole));
        Span<Vector<double>> lost = MemoryMarshal.Cast<double, Vector<double>>(Lost.AsSpan(at, whole));
        Span<Vector<double>> magnitude = MemoryMarshal.Cast<double, Vector<double>>(Magnitude.AsSpan(at, whole));
        for (int i = 0; i < terms.Length; i++)
        {
            (high[i], Vector<double> error) = TwoSum(high[i], terms[i]);
            (low[i], Vector<double> rest) = TwoSum(low[i], error);
            lost[i] += Vector.Abs(rest);
            magnitude[i] += Vector.Abs(terms[i]);
        }

        for (int i = whole; i < values.Length; i++)
        {
            AddAt(at + i, values[i]);
        }
    }

    /// <summary>Adds a term to one sum.</summary>
    public void AddAt(int at, double value)
    {
        DoubleDouble high = DoubleDouble.Sum(High[at], value);
        DoubleDouble low = DoubleDouble.Sum(Low[at], high.Low);
        High[at] = high.High;
        Low[at] = low.High;
        Lost[at] += Math.Abs(low.Low);
        Magnitude[at] += Math.Abs(value);
    }

    /// <summary>Adds one sum over a divisor to a sum of another row.</summary>
    public void AddQuotient(int at, ExactSum other, int from, double divisor)
    {
        double magnitude = Magnitude[at] + (other.Magnitude[from] / divisor);
        DoubleDouble quotient = other.At(from) / divisor;
        AddAt(at, quotient.High);
        AddAt(at, quotient.Low);
        Lost[at] += other.Lost[from];
        Magnitude[at] = magnitude;
    }

    /// <summary>One sum.</summary>
    public DoubleDouble At(int at) => DoubleDouble.Zero + new DoubleDouble(High[at], Low[at]);

    /// <summary>Whether sums that follow each other have these values, with nothing lost.</summary>
    public bool IsExactly(int at, ReadOnlySpan<double> high, ReadOnlySpan<double> low)
    {
        int lanes = Vector<double>.Count;
        int i = 0;
        for (; i + lanes <= high.Length; i += lanes)
        {
            bool same = Vector.EqualsAll(new Vector<double>(High, at + i), new Vector<double>(high[i..]))
                && Vector.EqualsAll(new Vector<double>(Low, at + i), new Vector<double>(low[i..]))
                && Vector.EqualsAll(new Vector<double>(Lost, at + i), Vector<double>.Zero);
            if (!same)
            {
                return false;
            }
        }

        for (; i < high.Length; i++)
        {
            if (High[at + i] != high[i] || Low[at + i] != low[i] || Lost[at + i] != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static (Vector<double> Sum, Vector<double> Error) TwoSum(Vector<double> a, Vector<double> b)
    {
        Vector<double> sum = a + b;
        Vector<double> part = sum - a;
        return (sum, (a - (sum - part)) + (b - part));
    }
}
