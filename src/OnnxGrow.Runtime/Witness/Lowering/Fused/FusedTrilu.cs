namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>ONNX Runtime's Trilu, which became the default domain's.</summary>
[Lowers("Trilu", Domain = Domains.Microsoft)]
internal sealed class FusedTrilu : ILowering
{
    public bool Lower(Emitter to)
    {
        to.Need(14, "Trilu");
        string[] inputs = to.Input(1).Length > 0 ? [to.Input(0), to.Input(1)] : [to.Input(0)];
        to.To(to.Output, "Identity", to.Op("Trilu", [("upper", to.Int("upper", 1))], inputs));
        return true;
    }
}
