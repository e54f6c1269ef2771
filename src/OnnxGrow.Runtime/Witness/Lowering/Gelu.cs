namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Gelu (operator set 20): x/2 (1 + erf(x / sqrt 2)), or its tanh approximation.</summary>
[Lowers("Gelu")]
internal sealed class Gelu : ILowering
{
    public bool Lower(Emitter to)
    {
        Emit(to, to.Input(0), to.String("approximate", "none") == "tanh", to.Output);
        return true;
    }

    /// <summary>Emits gelu(x).</summary>
    public static void Emit(Emitter to, string x, bool tanh, string output)
    {
        string inner = tanh
            ? to.Op("Tanh", to.Mul(to.Add(x, to.Mul(to.Mul(to.Mul(x, x), x), 0.044715)), Math.Sqrt(2 / Math.PI)))
            : Erf.Emit(to, to.Mul(x, Math.Sqrt(0.5)), to.Fresh());
        to.To(output, "Mul", to.Mul(x, 0.5), to.Add(inner, 1));
    }
}
