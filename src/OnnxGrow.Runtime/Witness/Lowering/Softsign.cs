namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Softsign: x / (1 + |x|).</summary>
[Lowers("Softsign")]
internal sealed class Softsign : ILowering
{
    public bool Lower(Emitter to)
    {
        to.To(to.Output, "Div", to.Input(0), to.Add(to.Op("Abs", to.Input(0)), 1));
        return true;
    }
}
