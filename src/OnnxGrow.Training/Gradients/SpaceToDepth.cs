using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>SpaceToDepth: DepthToSpace.</summary>
[Gradient("SpaceToDepth")]
internal sealed class SpaceToDepth : IGradient
{
    public void Differentiate(GradientEmitter at) =>
        at.Give(0, () => at.Op("DepthToSpace", [("blocksize", at.Int("blocksize", 1)), ("mode", "DCR")], at.TheGradient));
}
