using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ScatterND: the updates' gradients are read where they were written; written over, the data has none.</summary>
[Gradient("ScatterND")]
internal sealed class ScatterND : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        bool adds = Scattering.Adds(at);

        at.Give(0, () => adds ? gradient : at.Op("ScatterND", gradient, at.Input(1), at.ZerosLike(at.Input(2))));
        at.Give(2, () => at.Op("GatherND", gradient, at.Input(1)));
    }
}
