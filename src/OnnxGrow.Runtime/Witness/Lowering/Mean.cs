namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Mean of several tensors.</summary>
[Lowers("Mean")]
internal sealed class Mean : ILowering
{
    public bool Lower(Emitter to)
    {
        string sum = to.Node.Input.Aggregate(to.Add);
        to.To(to.Output, "Div", sum, to.Scalar(to.Node.Input.Count));
        return true;
    }
}
