using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>HardSwish: the slope is x / 3 + 1/2 between -3 and 3, before that 0, after it 1.</summary>
[Gradient("HardSwish")]
internal sealed class HardSwish : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string inside = at.Add(at.Mul(x, 1.0 / 3), 0.5);
        string outside = at.Where(Masks.Greater(at, x, 0), at.Scalar(1), at.Scalar(0));
        return at.Mul(gradient, at.Where(Masks.Less(at, at.Op("Abs", x), 3), inside, outside));
    }
}
