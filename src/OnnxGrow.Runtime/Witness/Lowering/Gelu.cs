namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Gelu (operator set 20): x/2 (1 + erf(x / sqrt 2)), or its tanh approximation.</summary>
[Lowers("Gelu")]
internal sealed class Gelu : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        string inner = to.String("approximate", "none") == "tanh"
            ? to.Op("Tanh", to.Mul(to.Add(x, to.Mul(to.Mul(to.Mul(x, x), x), 0.044715)), Math.Sqrt(2 / Math.PI)))
            : Erf.Emit(to, to.Mul(x, Math.Sqrt(0.5)), to.Fresh());
        to.To(to.Output, "Mul", to.Mul(x, 0.5), to.Add(inner, 1));
        return true;
    }
}
