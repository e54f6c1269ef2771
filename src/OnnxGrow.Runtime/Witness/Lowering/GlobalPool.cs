namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>GlobalAveragePool and GlobalMaxPool: reductions over all axes but the first two, which are left with extent 1.</summary>
[Lowers("GlobalAveragePool")]
[Lowers("GlobalMaxPool")]
internal sealed class GlobalPool : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        string pooled = to.Reduce(to.Node.OpType == "GlobalMaxPool" ? "ReduceMax" : "ReduceMean", to.Reshape(x, 0, 0, -1), 2);

        // As many ones as there are axes, whether the file says so or not.
        string tail = to.Slice(to.ShapeOf(x), [2], [long.MaxValue], [0], [1]);
        string ones = to.Op("Add", to.Op("Mul", tail, to.IntScalar(0)), to.IntScalar(1));
        to.To(to.Output, "Reshape", pooled, to.Join(0, to.IntList(0, 0), ones));
        return true;
    }
}
