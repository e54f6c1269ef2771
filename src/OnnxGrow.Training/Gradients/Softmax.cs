using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Softmax: dx = y (dy - sum(dy y)) along the axis.</summary>
[Gradient("Softmax")]
internal sealed class Softmax : IGradient
{
    public void Differentiate(GradientEmitter at) =>
        at.Give(0, () =>
        {
            string weighted = at.Mul(at.TheGradient, at.Output());
            string sum = at.Reduce("ReduceSum", weighted, true, at.Int("axis", -1));
            return at.Sub(weighted, at.Mul(at.Output(), sum));
        });
}
