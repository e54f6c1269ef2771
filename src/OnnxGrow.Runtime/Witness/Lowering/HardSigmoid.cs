namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>HardSigmoid: alpha x + beta, cut to [0, 1]; and HardSwish, x times it.</summary>
[Lowers("HardSigmoid")]
[Lowers("HardSwish")]
internal sealed class HardSigmoid : ILowering
{
    public bool Lower(Emitter to)
    {
        bool swish = to.Node.OpType == "HardSwish";
        double alpha = swish ? 1.0 / 6 : to.Float("alpha", 0.2f);
        double beta = swish ? 0.5 : to.Float("beta", 0.5f);
        string x = to.Input(0);
        string line = to.Add(to.Mul(x, alpha), beta);
        string cut = to.Op("Min", to.Op("Max", line, to.Scalar(0)), to.Scalar(1));
        to.To(to.Output, "Mul", cut, swish ? x : to.Scalar(1));
        return true;
    }
}
