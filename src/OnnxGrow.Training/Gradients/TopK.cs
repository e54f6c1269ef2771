using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>TopK: the gradients of the values go to the places that the operator's own indices name.</summary>
[Gradient("TopK")]
internal sealed class TopK : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () => at.Op(
        "ScatterElements", [("axis", at.Int("axis", -1))], at.ZerosLike(at.Input(0)), at.Demand(1), at.TheGradient));
}
