namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Softplus: log(1 + e^x) = max(x, 0) + log1p(e^-|x|), which neither overflows nor cancels.</summary>
[Lowers("Softplus")]
internal sealed class Softplus : ILowering
{
    public bool Lower(Emitter to)
    {
        Emit(to, to.Input(0), to.Output);
        return true;
    }

    /// <summary>Emits log(1 + e^x).</summary>
    public static string Emit(Emitter to, string x, string output)
    {
        string u = to.Op("Exp", to.Op("Neg", to.Op("Abs", x)));

        // log1p(u) = log(w) + (u - (w - 1)) / w with w = 1 + u as rounded.
        string w = to.Add(u, 1);
        string log = to.Add(to.Op("Log", w), to.Div(to.Sub(u, to.Add(w, -1)), w));
        string sum = to.Add(to.Where(to.Less(x, 0), to.Scalar(0), x), log);
        return to.KeepNaN(output, x, sum);
    }
}
