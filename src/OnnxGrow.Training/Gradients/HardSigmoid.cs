using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>HardSigmoid: dx = alpha dy where y is neither 0 nor 1.</summary>
[Gradient("HardSigmoid")]
internal sealed class HardSigmoid : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string sloped = at.Op("And", Masks.Greater(at, y, 0), Masks.Less(at, y, 1));
        return Masks.Where(at, sloped, at.Mul(gradient, at.Float("alpha", 0.2f)));
    }
}
