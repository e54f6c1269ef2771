namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Tan, the hyperbolic functions and their inverses, by exponentials, logarithms and roots.</summary>
[Lowers("Tan")]
[Lowers("Sinh")]
[Lowers("Cosh")]
[Lowers("Asinh")]
[Lowers("Acosh")]
[Lowers("Atanh")]
internal sealed class Hyperbolic : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        string one = to.Scalar(1);
        switch (to.Node.OpType)
        {
            case "Tan":
                to.To(to.Output, "Div", to.Op("Sin", x), to.Op("Cos", x));
                break;
            case "Sinh" or "Cosh":
                string rising = to.Op("Exp", x);
                string falling = to.Op("Exp", to.Op("Neg", x));
                to.To(to.Output, "Mul", to.Op(to.Node.OpType == "Sinh" ? "Sub" : "Add", rising, falling), to.Scalar(0.5));
                break;
            case "Asinh":
                // By |x|, because the sum would cancel for large negative x.
                string a = to.Op("Abs", x);
                string log = to.Op("Log", to.Add(a, to.Op("Sqrt", to.Add(to.Mul(a, a), one))));
                to.To(to.Output, "Mul", to.Op("Sign", x), log);
                break;
            case "Acosh":
                to.To(to.Output, "Log", to.Add(x, to.Op("Sqrt", to.Mul(to.Sub(x, one), to.Add(x, one)))));
                break;
            default:
                to.To(to.Output, "Mul", to.Op("Log", to.Div(to.Add(x, one), to.Sub(one, x))), to.Scalar(0.5));
                break;
        }

        return true;
    }
}
