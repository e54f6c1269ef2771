using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>GlobalAveragePool: the gradient, divided by the number of elements, at all of them.</summary>
[Gradient("GlobalAveragePool")]
internal sealed class GlobalAveragePool : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        string x = at.Input(0);
        string count = at.Op("ReduceProd", [("keepdims", 0L)], at.Extents(x, 2, at.RankOf(x)));
        return at.Op("Expand", at.Div(at.TheGradient, at.Cast(count, at.TypeOf(x))), at.ShapeOf(x));
    });
}
