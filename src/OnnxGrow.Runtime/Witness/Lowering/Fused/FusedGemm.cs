namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>ONNX Runtime's FusedGemm: Gemm and an activation.</summary>
[Lowers("FusedGemm", Domain = Domains.Microsoft)]
internal sealed class FusedGemm : ILowering
{
    public bool Lower(Emitter to)
    {
        Activation.Emit(to, Gemm.Emit(to, to.Fresh()), to.Output);
        return true;
    }
}
