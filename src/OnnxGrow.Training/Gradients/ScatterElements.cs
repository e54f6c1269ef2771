using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ScatterElements: the updates' gradients are read where they were written; written over, the data has none.</summary>
[Gradient("ScatterElements")]
internal sealed class ScatterElements : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        bool adds = Scattering.Adds(at);

        (string Name, object Value)[] axis = [("axis", at.Int("axis", 0))];
        at.Give(0, () => adds ? gradient : at.Op("ScatterElements", axis, gradient, at.Input(1), at.ZerosLike(at.Input(2))));
        at.Give(2, () => at.Op("GatherElements", axis, gradient, at.Input(1)));
    }
}
