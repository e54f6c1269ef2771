using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>The slopes of GELU in as few passes over memory as they can be written in.</summary>
internal static class GeluSlope
{
    /// <summary>
    /// P(x) + x p(x), the normal distribution and its density. With s = x / sqrt 2 that is (1 + erf(s)) / 2 + s exp(-s^2) / sqrt(pi);
    /// the last factor goes into the exponent.
    /// </summary>
    public static string Erf(GradientEmitter at, string x)
    {
        string s = at.Mul(x, Math.Sqrt(0.5));
        string below = Ramp(at, at.Op("Erf", s), 0.5, 0.5);
        string density = at.Op("Exp", at.Sub(-Math.Log(Math.PI) / 2, at.Mul(s, s)));
        return at.Add(below, at.Mul(s, density));
    }

    /// <summary>
    /// The slope of y = x S with S = sigmoid(v), v = b x (b x^2 + e), which is the tanh form: S + y (1 - S) v', where
    /// v' = 3 b (b x^2 + e / 3).
    /// </summary>
    public static string Tanh(GradientEmitter at, string x, string y)
    {
        double linear = 2 * Math.Sqrt(2 / Math.PI);
        double b = Math.Sqrt(0.044715 * linear);
        double e = linear / b;
        string z = at.Mul(x, b);
        string square = at.Mul(z, x);
        string s = at.Op("Sigmoid", at.Mul(z, at.Add(square, e)));

        // 3 b is below 1, so that the factor can be taken in with the complement.
        string rest = Ramp(at, s, -3 * b, 3 * b);
        return at.Add(s, at.Mul(at.Mul(y, at.Add(square, e / 3)), rest));
    }

    /// <summary>alpha x + beta in one pass, for what is known to lie in [0, 1].</summary>
    private static string Ramp(GradientEmitter at, string x, double alpha, double beta) =>
        at.Op("HardSigmoid", [("alpha", alpha), ("beta", beta)], x);
}
