using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Gather: each gradient is added where its element was read. One position known in advance is zeros around the gradient; else
/// see <see cref="Positions.AddAlongInto"/>.
/// </summary>
[Gradient("Gather")]
internal sealed class Gather : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        string data = at.Input(0);
        int axis = at.Axis(at.Int("axis", 0), data);
        string gradient = at.TheGradient;
        long[] indexDims = at.DimsOf(at.Input(1));
        if (indexDims.Length <= 1 && at.ValuesOf(at.Input(1)) is [double index])
        {
            string kept = indexDims.Length == 1 ? gradient : at.Op("Unsqueeze", gradient, at.Ints(axis));
            string extent = at.Extents(data, axis, axis + 1);
            string pads = index >= 0
                ? at.Op("Concat", [("axis", 0L)], at.Ints((long)index), at.Sub(extent, at.Ints((long)index + 1)))
                : at.Op("Concat", [("axis", 0L)], at.Add(extent, at.Ints((long)index)), at.Ints(-1 - (long)index));
            return at.Op("Pad", kept, pads, "", at.Ints(axis));
        }

        string rows = indexDims.Length == 1 ? gradient : at.Op("Reshape", gradient, at.ShapeWith(data, axis, at.Ints(-1)));
        string indices = indexDims.Length == 1 ? at.Input(1) : at.Reshape(at.Input(1), -1);
        return at.AddAlong(data, axis, indices, rows);
    });
}
