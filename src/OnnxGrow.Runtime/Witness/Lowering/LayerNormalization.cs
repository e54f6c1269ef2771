namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>LayerNormalization, all three outputs, with epsilon in float64.</summary>
[Lowers("LayerNormalization")]
internal sealed class LayerNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        long[] axes = Axes(to);
        string mean = to.Reduce("ReduceMean", x, axes);
        string centred = to.Sub(x, mean);
        string variance = to.Reduce("ReduceMean", to.Mul(centred, centred), axes);
        string deviation = to.Op("Sqrt", to.Add(variance, to.Float("epsilon", 1e-5f)));
        string normal = to.Mul(to.Div(centred, deviation), to.Input(1));
        if (to.Input(2).Length > 0)
        {
            to.To(to.Output, "Add", normal, to.Input(2));
        }
        else
        {
            to.To(to.Output, "Identity", normal);
        }

        if (to.OutputAt(1).Length > 0)
        {
            to.To(to.OutputAt(1), "Identity", mean);
        }

        if (to.OutputAt(2).Length > 0)
        {
            to.To(to.OutputAt(2), "Reciprocal", deviation);
        }

        return true;
    }

    /// <summary>The normalised axes, from <c>axis</c> to the last, counted from the end.</summary>
    public static long[] Axes(Emitter to)
    {
        long axis = to.Int("axis", -1);
        if (axis >= 0)
        {
            // The gain covers the normalised axes, or the rank of the input tells.
            int? rank = to.DimsOf(to.Input(0))?.Length;
            int? gain = to.DimsOf(to.Input(1))?.Length;
            axis = rank is { } r ? axis - r
                : gain is { } g && g > 0 ? -g
                : throw to.Refuse($"axis {axis} is counted from the front and the rank of '{Text.Name(to.Input(0))}' is not in the file");
        }

        return [.. Enumerable.Range((int)axis, (int)-axis).Select(a => (long)a)];
    }
}
