namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>ONNX Runtime's FusedConv: Conv, a sum, and an activation.</summary>
[Lowers("FusedConv", Domain = Domains.Microsoft)]
internal sealed class FusedConv : ILowering
{
    public bool Lower(Emitter to)
    {
        string product = Conv.Emit(to, to.Fresh());
        Activation.Emit(to, to.Input(3).Length == 0 ? product : to.Add(product, to.Input(3)), to.Output);
        return true;
    }
}
