namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>LeakyRelu, PRelu and ThresholdedRelu.</summary>
[Lowers("LeakyRelu")]
[Lowers("PRelu")]
[Lowers("ThresholdedRelu")]
internal sealed class LeakyUnits : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        switch (to.Node.OpType)
        {
            case "LeakyRelu":
                to.To(to.Output, "Where", to.Less(x, 0), to.Mul(x, to.Float("alpha", 0.01f)), x);
                break;
            case "PRelu":
                to.To(to.Output, "Where", to.Less(x, 0), to.Mul(x, to.Input(1)), x);
                break;
            default:
                to.To(to.Output, "Where", to.Op("Greater", x, to.Scalar(to.Float("alpha", 1))), x, to.Scalar(0));
                break;
        }

        return true;
    }
}
