using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Slice: the gradient with zeros around it where the slice left something out. A step's gaps are zeros behind every element; what
/// was read backwards is turned round first. Starts and ends may be computed; axes and steps are constants.
/// </summary>
[Gradient("Slice")]
internal sealed class Slice : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        string x = at.Input(0);
        int count = (int)at.DimsOf(at.Input(1))[0];
        long[] axes = at.Input(3).Length == 0 ? [.. Enumerable.Range(0, count).Select(a => (long)a)] : [.. at.IntsOf(3).Select(a => (long)at.Axis(a, x))];
        long[] steps = at.Input(4).Length == 0 ? [.. axes.Select(_ => 1L)] : at.IntsOf(4);
        string extents = at.Op("Gather", at.ShapeOf(x), at.Ints(axes));
        string taken = at.Op("Gather", at.ShapeOf(at.Output()), at.Ints(axes));
        string? first = First(at, extents, taken, steps);
        string spread = Spread(at, at.TheGradient, axes, steps);
        string covered = steps.All(s => s is 1 or -1) ? taken : at.Mul(taken, at.Ints([.. steps.Select(Math.Abs)]));
        string behind = at.Sub(extents, first is null ? covered : at.Add(first, covered));
        string pads = at.Op("Concat", [("axis", 0L)], first ?? at.Ints(new long[count]), behind);
        return at.Padded(spread, pads, at.RankOf(x), axes);
    });

    /// <summary>The lowest position that is read along each axis; null where all are zero.</summary>
    private static string? First(GradientEmitter at, string extents, string taken, long[] steps)
    {
        bool backwards = steps.Any(s => s < 0);
        if (!backwards && at.ValuesOf(at.Input(1)) is { } known && known.All(s => s == 0))
        {
            return null;
        }

        string starts = at.Cast(at.Input(1), OnnxGrow.Onnx.ElementType.Int64);
        string counted = at.Where(at.Op("Less", starts, at.Int(0)), at.Add(starts, extents), starts);
        string highest = backwards ? at.Sub(extents, at.Ints([.. steps.Select(s => s < 0 ? 1L : 0L)])) : extents;
        string start = at.Op("Min", at.Op("Max", counted, at.Int(0)), highest);
        return backwards
            ? at.Add(start, at.Mul(at.Sub(taken, at.Int(1)), at.Ints([.. steps.Select(s => Math.Min(s, 0))])))
            : start;
    }

    /// <summary>In order of positions, with zeros between where positions were stepped over.</summary>
    private static string Spread(GradientEmitter at, string gradient, long[] axes, long[] steps)
    {
        long[] turned = [.. axes.Where((_, i) => steps[i] < 0)];
        if (turned.Length > 0)
        {
            long[] back = [.. turned.Select(_ => -1L)];
            long[] ends = [.. turned.Select(_ => long.MinValue)];
            gradient = at.Op("Slice", gradient, at.Ints(back), at.Ints(ends), at.Ints(turned), at.Ints(back));
        }

        for (int i = 0; i < axes.Length; i++)
        {
            long step = Math.Abs(steps[i]);
            if (step > 1)
            {
                int axis = (int)axes[i];
                string apart = at.Padded(at.Op("Unsqueeze", gradient, at.Ints(axis + 1)), at.Ints(0, step - 1), at.RankOf(at.Input(0)) + 1, axis + 1);
                gradient = at.Op("Reshape", apart, at.ShapeWith(gradient, axis, at.Ints(-1)));
            }
        }

        return gradient;
    }
}
