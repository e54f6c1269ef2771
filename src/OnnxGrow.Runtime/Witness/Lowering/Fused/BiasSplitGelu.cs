namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>BiasSplitGelu: of x + bias the left half times gelu of the right half.</summary>
[Lowers("BiasSplitGelu", Domain = Domains.Microsoft)]
internal sealed class BiasSplitGelu : ILowering
{
    public bool Lower(Emitter to)
    {
        string sum = to.Add(to.Input(0), to.Input(1));
        string half = to.Op("Div", to.Dim(sum, -1), to.IntList(2));
        string gate = to.Fresh();
        Gelu.Emit(to, to.Cut(sum, -1, half, to.IntList(long.MaxValue)), tanh: false, gate);
        to.To(to.Output, "Mul", to.Cut(sum, -1, to.IntList(0), half), gate);
        return true;
    }
}
