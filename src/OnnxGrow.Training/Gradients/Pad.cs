using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Pad: the padding is cut off, and cut parts come back as zeros; the constant has the sum over the padding. Reflected, repeated and
/// wrapped elements get what their copies have: padding the positions themselves tells which they are.
/// </summary>
[Gradient("Pad")]
internal sealed class Pad : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        string mode = at.String("mode", "constant");
        if (mode == "constant")
        {
            string x = at.Input(0);
            string back = at.Neg(at.Input(1));
            string inner = at.Input(3).Length == 0 ? at.Op("Pad", gradient, back) : at.Padded(gradient, back, at.RankOf(x), [.. at.IntsOf(3).Select(a => (long)at.Axis(a, x))]);
            at.Give(0, () => inner);
            at.Give(2, () =>
            {
                string sum = at.Sub(at.SumAll(gradient), at.SumAll(inner));
                return at.ReshapeLike(sum, at.Input(2));
            });
            return;
        }

        at.Give(0, () => Copied(at, gradient, mode));
    }

    private static string Copied(GradientEmitter at, string gradient, string mode)
    {
        string x = at.Input(0);
        int rank = at.RankOf(x);
        long[] axes = at.Input(3).Length == 0 ? [.. Enumerable.Range(0, rank).Select(a => (long)a)] : [.. at.IntsOf(3).Select(a => (long)at.Axis(a, x))];
        double[]? known = at.ValuesOf(at.Input(1));

        // An axis at a time; those behind have their extents by then, those in front still the padded ones.
        string sum = gradient;
        for (int i = 0; i < axes.Length; i++)
        {
            if (known is not null && known[i] == 0 && known[i + axes.Length] == 0)
            {
                continue;
            }

            int axis = (int)axes[i];
            string extent = at.Extents(x, axis, axis + 1);
            string pads = at.Op("Gather", at.Input(1), at.Ints(i, i + axes.Length));
            string positions = at.Op("Range", at.Int(0), at.Op("Squeeze", extent, at.Ints(0)), at.Int(1));
            string from = at.Op("Pad", [("mode", mode)], positions, pads);
            string zeros = at.Zeros(at.ShapeWith(sum, axis, extent), at.TypeOf(x));
            sum = at.AddAlongInto(zeros, axis, rank, from, sum);
        }

        return sum;
    }
}
