namespace OnnxGrow.Certificate;

/// <summary>A number as the unevaluated sum of two float64, about 106 bits (Dekker 1971; Knuth).</summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    public static DoubleDouble Zero => new(0, 0);

    /// <summary>a + b, exactly.</summary>
    public static DoubleDouble Sum(double a, double b)
    {
        double sum = a + b;
        double part = sum - a;
        return new DoubleDouble(sum, (a - (sum - part)) + (b - part));
    }

    /// <summary>a b, exactly where nothing underflows.</summary>
    public static DoubleDouble Product(double a, double b)
    {
        double product = a * b;
        return new DoubleDouble(product, Math.FusedMultiplyAdd(a, b, -product)).OrPlain(product);
    }

    public static DoubleDouble operator +(DoubleDouble a, double b)
    {
        DoubleDouble sum = Sum(a.High, b);
        return Sum(sum.High, sum.Low + a.Low).OrPlain(a.High + b);
    }

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        DoubleDouble sum = Sum(a.High, b.High);
        DoubleDouble low = Sum(a.Low, b.Low);
        DoubleDouble high = Sum(sum.High, sum.Low + low.High);
        return Sum(high.High, high.Low + low.Low).OrPlain(a.High + b.High);
    }

    public static DoubleDouble operator *(DoubleDouble a, double b)
    {
        DoubleDouble product = Product(a.High, b);
        return Sum(product.High, product.Low + (a.Low * b)).OrPlain(product.High);
    }

    public static DoubleDouble operator /(DoubleDouble a, double b)
    {
        double quotient = a.High / b;
        double rest = Math.FusedMultiplyAdd(-quotient, b, a.High) + a.Low;
        return Sum(quotient, rest / b).OrPlain(quotient);
    }

    /// <summary>Infinities and what is not a number have no lower part.</summary>
    private DoubleDouble OrPlain(double plain) => double.IsFinite(High) && double.IsFinite(Low) ? this : new DoubleDouble(plain, 0);
}
