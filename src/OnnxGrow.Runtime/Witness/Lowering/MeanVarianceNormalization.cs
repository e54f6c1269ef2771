namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>MeanVarianceNormalization: (x - mean) / (deviation + 1e-9) over the given axes.</summary>
[Lowers("MeanVarianceNormalization")]
internal sealed class MeanVarianceNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        long[] axes = to.Ints("axes") ?? [0, 2, 3];
        string x = to.Input(0);
        string centred = to.Sub(x, to.Reduce("ReduceMean", x, axes));
        string variance = to.Reduce("ReduceMean", to.Mul(centred, centred), axes);
        to.To(to.Output, "Div", centred, to.Add(to.Op("Sqrt", variance), 1e-9));
        return true;
    }
}
