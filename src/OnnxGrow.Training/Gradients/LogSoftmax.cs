using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>LogSoftmax: dx = dy - exp(y) sum(dy) along the axis.</summary>
[Gradient("LogSoftmax")]
internal sealed class LogSoftmax : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string sum = at.Reduce("ReduceSum", gradient, true, at.Int("axis", -1));
        return at.Sub(gradient, at.Mul(at.Op("Exp", y), sum));
    }
}
