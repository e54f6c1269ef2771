namespace OnnxGrow.Growth.Widening;

/// <summary>A column of a table of angles: cos(f p) or sin(f p) for positions p = 0, 1, 2 ..., with the frequency f.</summary>
internal sealed record AngleColumn(bool IsSine, double Frequency)
{
    /// <summary>The stored values may be this far off, by their own rounding and that of the product of position and frequency.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>The value at a position.</summary>
    public double At(double position) => IsSine ? Math.Sin(Frequency * position) : Math.Cos(Frequency * position);

    /// <summary>The column's rule; null where it has none.</summary>
    /// <param name="values">The table, row-major.</param>
    /// <param name="column">The column.</param>
    /// <param name="stride">Entries from one position to the next.</param>
    /// <param name="count">Positions.</param>
    public static AngleColumn? Of(double[] values, long column, long stride, long count)
    {
        double Value(long p) => values[(p * stride) + column];
        bool sine = Math.Abs(Value(0)) < 1e-6;
        if (!sine && Math.Abs(Value(0) - 1) > 1e-2)
        {
            return null;
        }

        double frequency = sine ? Math.Asin(Math.Clamp(Value(1), -1, 1)) : Math.Acos(Math.Clamp(Value(1), -1, 1));

        // Farther positions tell the frequency more finely, once it is known well enough to count the turns.
        for (long p = 2; p < count; p *= 2)
        {
            double angle = Nearest(Value(p), frequency * p, sine);
            if (Math.Abs(sine ? Math.Cos(angle) : Math.Sin(angle)) > 0.1)
            {
                frequency = angle / p;
            }
        }

        var found = new AngleColumn(sine, frequency);
        for (long p = 0; p < count; p++)
        {
            if (Math.Abs(found.At(p) - Value(p)) > Tolerance)
            {
                return null;
            }
        }

        return found;
    }

    /// <summary>The angle with this cosine or sine that is nearest to what is expected.</summary>
    private static double Nearest(double value, double expected, bool sine)
    {
        double one = sine ? Math.Asin(Math.Clamp(value, -1, 1)) : Math.Acos(Math.Clamp(value, -1, 1));
        double other = sine ? Math.PI - one : -one;
        double a = one + (Math.Tau * Math.Round((expected - one) / Math.Tau));
        double b = other + (Math.Tau * Math.Round((expected - other) / Math.Tau));
        return Math.Abs(a - expected) <= Math.Abs(b - expected) ? a : b;
    }
}
