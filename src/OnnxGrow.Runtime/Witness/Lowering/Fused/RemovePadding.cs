using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's RemovePadding: the first so many tokens of each sequence, one after the other; where they were, where
/// each sequence ends among them, and how long the longest is.
/// </summary>
[Lowers("RemovePadding", Domain = Domains.Microsoft)]
internal sealed class RemovePadding : ILowering
{
    public bool Lower(Emitter to)
    {
        to.Need(PackedTokens.Opset, "packing tokens");
        string x = to.Input(0);
        string counts = to.Cast(to.Input(1), ElementType.Int64);
        string real = to.Reshape(to.Op("Less", to.Range(to.Dim(x, 1)), to.Unsqueeze(counts, 1)), -1);
        string places = to.Reshape(to.Op("NonZero", real), -1);
        PackedTokens.Take(to, x, places);
        if (to.OutputAt(1).Length > 0)
        {
            string padding = to.Reshape(to.Op("NonZero", to.Op("Not", real)), -1);
            to.Cast32(to.OutputAt(1), to.Op("Reshape", to.Join(0, places, padding), to.Cut(to.ShapeOf(x), 0, 0, 2)));
        }

        if (to.OutputAt(2).Length > 0)
        {
            to.Cast32(to.OutputAt(2), to.Join(0, to.IntList(0), to.Op("CumSum", counts, to.IntScalar(0))));
        }

        if (to.OutputAt(3).Length > 0)
        {
            to.Cast32(to.OutputAt(3), to.Reduce("ReduceMax", counts, 0));
        }

        return true;
    }
}
