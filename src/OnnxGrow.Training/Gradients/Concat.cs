using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Concat: the gradient in pieces as long as the inputs.</summary>
[Gradient("Concat")]
internal sealed class Concat : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        if (at.Inputs == 1)
        {
            at.Give(0, () => gradient);
            return;
        }

        int axis = at.Axis(at.Int("axis", 0), at.Output());
        string sizes = at.Op("Concat", [("axis", 0L)], [.. at.Node.Input.Select(i => at.Extents(i, axis, axis + 1))]);
        string[] parts = at.Write("Split", [("axis", (long)axis)], at.Inputs, gradient, sizes);
        for (int i = 0; i < parts.Length; i++)
        {
            string part = parts[i];
            at.Give(i, () => part);
        }
    }
}
