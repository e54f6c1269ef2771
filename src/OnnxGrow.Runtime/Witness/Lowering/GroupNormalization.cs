namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>GroupNormalization (18: gain a group, 21: a channel) and InstanceNormalization (a group a channel).</summary>
[Lowers("GroupNormalization")]
[Lowers("InstanceNormalization")]
internal sealed class GroupNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        long channels = to.DimsOf(x) is { Length: > 1 } dims && dims[1] > 0 ? dims[1] : 0;
        bool instance = to.Node.OpType == "InstanceNormalization";
        bool perGroup = !instance && to.Opset < 21;
        if (channels == 0 && !perGroup && to.DimsOf(to.Input(1)) is [var gains])
        {
            channels = gains;
        }

        if (channels == 0)
        {
            throw to.Refuse($"the number of channels of '{Text.Name(x)}' is not in the file; run shape inference on the model first");
        }

        long groups = instance ? channels : to.Int("num_groups", 1);
        string grouped = to.Reshape(x, 0, groups, -1);
        string centred = to.Sub(grouped, to.Reduce("ReduceMean", grouped, -1));
        string variance = to.Reduce("ReduceMean", to.Mul(centred, centred), -1);
        string normal = to.Div(centred, to.Op("Sqrt", to.Add(variance, to.Float("epsilon", 1e-5f))));
        long parts = perGroup ? groups : channels;
        string split = to.Reshape(normal, 0, parts, -1);
        string gained = to.Mul(split, to.Reshape(to.Input(1), 1, parts, 1));
        string whole = to.Add(gained, to.Reshape(to.Input(2), 1, parts, 1));
        to.To(to.Output, "Reshape", whole, to.Op("Shape", x));
        return true;
    }
}
