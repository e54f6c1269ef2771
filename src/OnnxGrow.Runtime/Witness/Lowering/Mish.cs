namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Mish: x tanh(softplus(x)).</summary>
[Lowers("Mish")]
internal sealed class Mish : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        to.To(to.Output, "Mul", x, to.Op("Tanh", Softplus.Emit(to, x, to.Fresh())));
        return true;
    }
}
