using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>GatherElements: each gradient is added where its element was read.</summary>
[Gradient("GatherElements")]
internal sealed class GatherElements : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () => at.Op(
        "ScatterElements", [("axis", at.Int("axis", 0)), ("reduction", "add")], at.ZerosLike(at.Input(0)), at.Input(1), at.TheGradient));
}
