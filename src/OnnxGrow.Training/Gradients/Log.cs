using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Log: dx = dy / x.</summary>
[Gradient("Log")]
internal sealed class Log : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.Div(gradient, x);
}
