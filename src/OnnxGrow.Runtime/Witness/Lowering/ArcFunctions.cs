namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Atan, Asin and Acos in float64. atan: beyond 1 by the reciprocal, then twice by the half angle, which leaves at most
/// tan(pi/16), where the series is short.
/// </summary>
[Lowers("Atan")]
[Lowers("Asin")]
[Lowers("Acos")]
internal sealed class ArcFunctions : ILowering
{
    private const int Terms = 13;

    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        if (to.Node.OpType == "Atan")
        {
            Atan(to, x, to.Output);
            return true;
        }

        // asin(x) = atan(x / sqrt(1 - x^2)), infinite at 1 as it should be there.
        string one = to.Scalar(1);
        string root = to.Op("Sqrt", to.Mul(to.Sub(one, x), to.Add(x, one)));
        if (to.Node.OpType == "Asin")
        {
            Atan(to, to.Div(x, root), to.Output);
        }
        else
        {
            to.To(to.Output, "Sub", to.Scalar(Math.PI / 2), Atan(to, to.Div(x, root), to.Fresh()));
        }

        return true;
    }

    private static string Atan(Emitter to, string x, string output)
    {
        string a = to.Op("Abs", x);
        string large = to.Op("Greater", a, to.Scalar(1));
        string u = to.Where(large, to.Op("Reciprocal", a), a);
        for (int i = 0; i < 2; i++)
        {
            u = to.Div(u, to.Add(to.Op("Sqrt", to.Add(to.Mul(u, u), 1)), 1));
        }

        double[] series = [.. Enumerable.Range(0, Terms).Select(i => (i % 2 == 0 ? 4.0 : -4.0) / ((2 * i) + 1))];
        string small = to.Mul(u, to.Polynomial(to.Mul(u, u), series));
        string angle = to.Where(large, to.Sub(to.Scalar(Math.PI / 2), small), small);
        return to.To(output, "Where", to.Less(x, 0), to.Op("Neg", angle), angle);
    }
}
