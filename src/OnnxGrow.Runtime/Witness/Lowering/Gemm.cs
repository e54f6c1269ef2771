namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Gemm has a float64 kernel; only where alpha or beta were rounded is it written out.</summary>
[Lowers("Gemm")]
internal sealed class Gemm : ILowering
{
    public bool Lower(Emitter to)
    {
        if (!to.HasExactAttribute)
        {
            return false;
        }

        Emit(to, to.Output);
        return true;
    }

    /// <summary>Emits alpha a b + beta c.</summary>
    public static string Emit(Emitter to, string output)
    {
        string a = to.Int("transA", 0) == 0 ? to.Input(0) : to.Op("Transpose", to.Input(0));
        string b = to.Int("transB", 0) == 0 ? to.Input(1) : to.Op("Transpose", to.Input(1));
        string product = to.Mul(to.Op("MatMul", a, b), to.Float("alpha", 1));
        return to.Input(2).Length == 0
            ? to.To(output, "Identity", product)
            : to.To(output, "Add", product, to.Mul(to.Input(2), to.Float("beta", 1)));
    }
}
