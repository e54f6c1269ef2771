using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Pow: y = a^b, da = b a^(b - 1) dy, db = log(a) y dy. Exponents that are constants in common use cost products and quotients
/// only. Where a = 0 the gradient of the exponent is zero; where a is below zero there is none, and it is NaN.
/// </summary>
[Gradient("Pow")]
internal sealed class Pow : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        at.GiveSummed(0, () => !at.Wants(1) && at.ValuesOf(at.Input(1)) is [double exponent] ? ByConstant(at, gradient, exponent) : ByValue(at, gradient));
        at.GiveSummed(1, () =>
        {
            string a = at.Input(0);
            string logarithm = at.Op("Log", at.Where(at.Op("Equal", a, at.Scalar(0)), at.Scalar(1), a));
            string share = at.Mul(gradient, at.Mul(at.Output(), logarithm));
            return Typed(at, share, at.Input(1), a);
        });
    }

    private static string ByConstant(GradientEmitter at, string gradient, double exponent)
    {
        string a = at.Input(0);
        string y = at.Output();
        string scaled = at.Mul(gradient, exponent);
        return exponent switch
        {
            1 => gradient,
            2 => at.Mul(scaled, a),
            3 => at.Mul(scaled, at.Mul(a, a)),
            0.5 => at.Div(scaled, y),
            -0.5 => at.Mul(scaled, at.Div(y, a)),
            -1 => at.Mul(at.Mul(scaled, y), y),
            -2 => at.Mul(scaled, at.Div(y, a)),
            _ => at.Mul(scaled, at.Op("Pow", a, at.Scalar(exponent - 1))),
        };
    }

    private static string ByValue(GradientEmitter at, string gradient)
    {
        string exponent = Typed(at, at.Input(1), at.Input(0), at.Input(1));
        string power = at.Op("Pow", at.Input(0), at.Add(exponent, -1));
        return at.Mul(gradient, at.Mul(exponent, power));
    }

    /// <summary>A value of one's type, cast to another's where that is not the same.</summary>
    private static string Typed(GradientEmitter at, string value, string to, string from) =>
        at.TypeOf(to) == at.TypeOf(from) ? value : at.Cast(value, at.TypeOf(to));
}
