namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>ONNX Runtime's RestorePadding: tokens back at their places in the batch, zeros where there was padding.</summary>
[Lowers("RestorePadding", Domain = Domains.Microsoft)]
internal sealed class RestorePadding : ILowering
{
    public bool Lower(Emitter to)
    {
        to.Need(PackedTokens.Opset, "packing tokens");
        to.To(to.Output, "Identity", PackedTokens.Restore(to, to.Input(0), to.Input(1)));
        return true;
    }
}
