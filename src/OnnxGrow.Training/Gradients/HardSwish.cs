using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>HardSwish: the slope is x / 3 + 1/2 between -3 and 3, before that 0, after it 1.</summary>
[Gradient("HardSwish")]
internal sealed class HardSwish : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string ramp = at.Op("HardSigmoid", [("alpha", 1.0 / 6), ("beta", 0.5)], x);
        string inside = Masks.Where(at, Masks.Less(at, at.Op("Abs", x), 3), at.Mul(x, 1.0 / 6));
        return at.Mul(gradient, at.Add(ramp, inside));
    }
}
