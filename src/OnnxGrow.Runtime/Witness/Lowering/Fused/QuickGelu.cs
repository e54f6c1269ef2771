namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>x sigmoid(alpha x): ONNX Runtime's QuickGelu, and Swish of operator set 24.</summary>
[Lowers("QuickGelu", Domain = Domains.Microsoft)]
[Lowers("Swish")]
internal sealed class QuickGelu : ILowering
{
    public bool Lower(Emitter to)
    {
        double alpha = to.Float("alpha", to.Node.OpType == "Swish" ? 1 : 1.702f);
        to.To(to.Output, "Mul", to.Input(0), to.Op("Sigmoid", to.Mul(to.Input(0), alpha)));
        return true;
    }
}
