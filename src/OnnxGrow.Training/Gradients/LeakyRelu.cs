using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>LeakyRelu: dx = dy where x &gt; 0, alpha dy elsewhere.</summary>
[Gradient("LeakyRelu")]
internal sealed class LeakyRelu : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        string slope = at.Where(Masks.Greater(at, x, 0), at.Scalar(1), at.Scalar(at.Float("alpha", 0.01f)));
        return at.Mul(gradient, slope);
    }
}
