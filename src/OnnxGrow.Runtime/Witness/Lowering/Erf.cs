namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// erf in float64, to one unit in the last place: the rational approximations of fdlibm (W. J. Cody's form) on four
/// ranges of |x|. Every range is computed for every element, on an argument clamped to it, so that none overflows.
/// </summary>
[Lowers("Erf")]
internal sealed class Erf : ILowering
{
    public bool Lower(Emitter to)
    {
        Emit(to, to.Input(0), to.Output);
        return true;
    }

    /// <summary>Emits erf(x).</summary>
    public static string Emit(Emitter to, string x, string output)
    {
        string magnitude = to.Op("Min", to.Op("Abs", x), to.Scalar(6));
        string result = to.Where(to.Less(magnitude, 1 / 0.35), FarNear(to, magnitude), Far(to, magnitude));
        result = to.Where(to.Less(magnitude, 1.25), Middle(to, magnitude), result);
        result = to.Where(to.Less(x, 0), to.Op("Neg", result), result);
        result = to.Where(to.Less(magnitude, 0.84375), Near(to, x), result);
        return to.KeepNaN(output, x, result);
    }

    // |x| < 0.84375: x + x P(x^2) / Q(x^2)
    private static string Near(Emitter to, string x)
    {
        x = to.Op("Max", to.Op("Min", x, to.Scalar(1)), to.Scalar(-1));
        string z = to.Mul(x, x);
        string p = to.Polynomial(
            z,
            1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02, -5.77027029648944159157e-03,
            -2.37630166566501626084e-05);
        string q = to.Polynomial(
            z,
            1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03, 1.32494738004321644526e-04,
            -3.96022827877536812320e-06);
        return to.Add(x, to.Mul(x, to.Div(p, q)));
    }

    // 0.84375 <= |x| < 1.25: erf(1) + P(|x| - 1) / Q(|x| - 1)
    private static string Middle(Emitter to, string magnitude)
    {
        string s = to.Add(magnitude, -1);
        string p = to.Polynomial(
            s,
            -2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01, 3.18346619901161753674e-01,
            -1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03);
        string q = to.Polynomial(
            s,
            1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02, 1.26171219808761642112e-01,
            1.36370839120290507362e-02, 1.19844998467991074170e-02);
        return to.Add(to.Div(p, q), 8.45062911510467529297e-01);
    }

    // 1.25 <= |x| < 1/0.35
    private static string FarNear(Emitter to, string magnitude)
    {
        string a = to.Op("Max", magnitude, to.Scalar(1.25));
        string s = to.Div(to.Scalar(1), to.Mul(a, a));
        string r = to.Polynomial(
            s,
            -9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01, -6.23753324503260060396e+01,
            -1.62396669462573470355e+02, -1.84605092906711035994e+02, -8.12874355063065934246e+01, -9.81432934416914548592e+00);
        string q = to.Polynomial(
            s,
            1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02, 6.45387271733267880336e+02,
            4.29008140027567833386e+02, 1.08635005541779435134e+02, 6.57024977031928170135e+00, -6.04244152148580987438e-02);
        return Tail(to, a, to.Div(r, q));
    }

    // 1/0.35 <= |x| <= 6, beyond which erf is 1 in float64
    private static string Far(Emitter to, string magnitude)
    {
        string a = to.Op("Max", magnitude, to.Scalar(2.5));
        string s = to.Div(to.Scalar(1), to.Mul(a, a));
        string r = to.Polynomial(
            s,
            -9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01, -1.60636384855821916062e+02,
            -6.37566443368389627722e+02, -1.02509513161107724954e+03, -4.83519191608651397019e+02);
        string q = to.Polynomial(
            s,
            1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03, 3.19985821950859553908e+03,
            2.55305040643316442583e+03, 4.74528541206955367215e+02, -2.24409524465858183362e+01);
        return Tail(to, a, to.Div(r, q));
    }

    // 1 - exp(-a^2 - 0.5625 + ratio) / a, with a^2 split so that no digit of the exponent is lost: z holds the upper
    // half of a (Veltkamp's split), z^2 is exact, and a^2 - z^2 = (a - z)(a + z).
    private static string Tail(Emitter to, string a, string ratio)
    {
        string c = to.Mul(a, 134217729);
        string z = to.Sub(c, to.Sub(c, a));
        string head = to.Op("Exp", to.Sub(to.Scalar(-0.5625), to.Mul(z, z)));
        string rest = to.Op("Exp", to.Add(to.Mul(to.Sub(z, a), to.Add(z, a)), ratio));
        return to.Sub(to.Scalar(1), to.Div(to.Mul(head, rest), a));
    }
}
