namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Elu, Selu and Celu: gamma * (x where positive, alpha (e^(x/beta) - 1) where not).</summary>
[Lowers("Elu")]
[Lowers("Selu")]
[Lowers("Celu")]
internal sealed class ExponentialUnits : ILowering
{
    public bool Lower(Emitter to)
    {
        bool scaled = to.Node.OpType == "Selu";
        double alpha = to.Float("alpha", scaled ? 1.67326319217681884765625f : 1);
        double gamma = scaled ? to.Float("gamma", 1.05070102214813232421875f) : 1;
        string x = to.Input(0);
        string low = to.Op("Min", x, to.Scalar(0));
        string power = to.Op("Exp", to.Node.OpType == "Celu" ? to.Mul(low, 1 / alpha) : low);
        string bent = to.Mul(to.Add(power, -1), alpha);
        to.To(to.Output, "Mul", to.Where(to.Less(x, 0), bent, x), to.Scalar(gamma));
        return true;
    }
}
