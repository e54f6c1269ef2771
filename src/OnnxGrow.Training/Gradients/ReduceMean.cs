using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ReduceMean: the gradient is repeated, divided by how many were taken together.</summary>
[Gradient("ReduceMean")]
internal sealed class ReduceMean : ReductionGradient
{
    protected override string Back(GradientEmitter at, Reduction over)
    {
        string count = at.Cast(at.Div(at.Op("Size", over.X), at.Op("Size", at.Output())), at.FloatType);
        return over.Repeat(at, at.Div(over.Gradient, count));
    }
}
