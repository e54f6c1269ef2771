namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>BatchNormalization as inference runs it: (x - mean) / sqrt(variance + epsilon) * scale + bias, along axis 1.</summary>
[Lowers("BatchNormalization")]
internal sealed class BatchNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Int("training_mode", 0) != 0 || to.Node.Output.Skip(1).Any(o => o.Length > 0))
        {
            throw to.Refuse("it is in training mode; export the model for inference");
        }

        string x = to.Input(0);
        int rank = to.DimsOf(x)?.Length
            ?? throw to.Refuse($"the rank of '{Text.Name(x)}' is not in the file; run shape inference on the model first");
        long[] along = [-1, .. Enumerable.Repeat(1L, rank - 2)];
        string[] per = [.. Enumerable.Range(1, 4).Select(i => to.Reshape(to.Input(i), along))];
        string deviation = to.Op("Sqrt", to.Add(per[3], to.Float("epsilon", 1e-5f)));
        to.To(to.Output, "Add", to.Mul(to.Div(to.Sub(x, per[2]), deviation), per[0]), per[1]);
        return true;
    }
}
