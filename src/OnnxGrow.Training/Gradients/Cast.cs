using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Cast and CastLike between floats: the gradient is cast back. A cast to integers has an output that no gradient comes to.
/// </summary>
[Gradient("Cast")]
[Gradient("CastLike")]
internal sealed class Cast : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y) =>
        at.TypeOf(x) == at.TypeOf(y) ? gradient : at.Cast(gradient, at.TypeOf(x));
}
