using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>DepthToSpace: SpaceToDepth, which knows one order of the channels; the other is written as a permutation.</summary>
[Gradient("DepthToSpace")]
internal sealed class DepthToSpace : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        long block = at.Int("blocksize", 1);
        if (at.String("mode", "DCR") == "DCR")
        {
            return at.Op("SpaceToDepth", [("blocksize", block)], at.TheGradient);
        }

        string x = at.Input(0);
        string shape = at.Op(
            "Concat", [("axis", 0L)], at.Extents(at.Output(), 0, 2), at.Extents(x, 2, 3), at.Ints(block), at.Extents(x, 3, 4), at.Ints(block));
        return at.ReshapeLike(at.Transpose(at.Op("Reshape", at.TheGradient, shape), 0, 1, 3, 5, 2, 4), x);
    });
}
