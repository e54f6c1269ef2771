namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>GlobalAveragePool and GlobalMaxPool: reductions over all axes but the first two.</summary>
[Lowers("GlobalAveragePool")]
[Lowers("GlobalMaxPool")]
internal sealed class GlobalPool : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        int rank = to.DimsOf(x)?.Length
            ?? throw to.Refuse($"the rank of '{Text.Name(x)}' is not in the file; run shape inference on the model first");
        string flat = to.Reshape(x, 0, 0, -1);
        string pooled = to.Reduce(to.Node.OpType == "GlobalMaxPool" ? "ReduceMax" : "ReduceMean", flat, 2);
        to.To(to.Output, "Reshape", pooled, to.IntList([0, 0, .. Enumerable.Repeat(1L, rank - 2)]));
        return true;
    }
}
