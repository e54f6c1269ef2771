using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Tile: the sum over the copies, which are an axis of their own in front of each repeated one.</summary>
[Gradient("Tile")]
internal sealed class Tile : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        string x = at.Input(0);
        int rank = at.RankOf(x);
        double[]? known = at.ValuesOf(at.Input(1));
        var copies = new List<long>();
        var shape = new List<string>();
        for (int axis = 0; axis < rank; axis++)
        {
            if (known?[axis] != 1)
            {
                copies.Add(shape.Count);
                shape.Add(at.Op("Slice", at.Input(1), at.Ints(axis), at.Ints(axis + 1)));
            }

            shape.Add(at.Extents(x, axis, axis + 1));
        }

        return copies.Count == 0
            ? at.TheGradient
            : at.Reduce("ReduceSum", at.Op("Reshape", at.TheGradient, at.Op("Concat", [("axis", 0L)], [.. shape])), false, [.. copies]);
    });
}
