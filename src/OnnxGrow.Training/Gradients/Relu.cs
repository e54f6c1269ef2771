using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Relu: dx = dy where y &gt; 0, zero at the kink.</summary>
[Gradient("Relu")]
internal sealed class Relu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        Masks.Where(at, Masks.Greater(at, y, 0), gradient);
}
