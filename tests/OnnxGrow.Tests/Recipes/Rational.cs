using System.Numerics;

namespace OnnxGrow.Tests.Recipes;

/// <summary>An exact fraction; every float64 is one.</summary>
internal readonly record struct Rational(BigInteger Numerator, BigInteger Denominator)
{
    public static Rational Zero => new(0, 1);

    public static Rational Of(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        BigInteger significand = bits & ((1L << 52) - 1);
        if (exponent == 0)
        {
            exponent = 1;
        }
        else
        {
            significand += 1L << 52;
        }

        if (bits < 0)
        {
            significand = -significand;
        }

        exponent -= 1075;
        return exponent >= 0
            ? new Rational(significand << exponent, 1)
            : new Rational(significand, BigInteger.One << -exponent).Reduced();
    }

    public static Rational operator +(Rational a, Rational b) =>
        a.Denominator == b.Denominator
            ? new Rational(a.Numerator + b.Numerator, a.Denominator)
            : new Rational((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator).Reduced();

    public static Rational operator -(Rational a, Rational b) => a + new Rational(-b.Numerator, b.Denominator);

    public static Rational operator *(Rational a, Rational b) =>
        new Rational(a.Numerator * b.Numerator, a.Denominator * b.Denominator).Reduced();

    public static Rational operator /(Rational a, int b) => new Rational(a.Numerator, a.Denominator * b).Reduced();

    public Rational Magnitude => new(BigInteger.Abs(Numerator), Denominator);

    public bool IsZero => Numerator.IsZero;

    public bool AtMost(Rational other) => Numerator * other.Denominator <= other.Numerator * Denominator;

    private Rational Reduced()
    {
        BigInteger divisor = BigInteger.GreatestCommonDivisor(Numerator, Denominator);
        return new Rational(Numerator / divisor, Denominator / divisor);
    }
}
