using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>LpNormalization: y = x / |x|, dx = (dy - d|x| sum(dy y)) / |x|, zero where the norm is.</summary>
[Gradient("LpNormalization")]
internal sealed class LpNormalization : UnaryGradient
{
    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        bool absolute = at.Int("p", 2) == 1;
        long axis = at.Int("axis", -1);
        string norm = at.Reduce(absolute ? "ReduceL1" : "ReduceL2", x, true, axis);
        string inverse = at.Where(at.Op("Equal", norm, at.Scalar(0)), at.Scalar(0), at.Op("Reciprocal", norm));
        string along = at.Reduce("ReduceSum", at.Mul(gradient, y), true, axis);
        string lost = at.Mul(absolute ? at.Op("Sign", x) : y, along);
        return at.Mul(at.Sub(gradient, lost), inverse);
    }
}
