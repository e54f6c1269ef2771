using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Dropout as it is when it drops nothing: dx = dy.</summary>
[Gradient("Dropout")]
internal sealed class Dropout : UnaryGradient
{
    private const double DefaultRatio = 0.5;

    protected override string Back(GradientEmitter at, string gradient, string x, string y)
    {
        if (at.Input(2).Length == 0 || at.ValuesOf(at.Input(2)) is [0])
        {
            return gradient;
        }

        double[]? ratio = at.Input(1).Length == 0 ? [DefaultRatio] : at.ValuesOf(at.Input(1));
        return ratio is [0]
            ? gradient
            : throw GradientEmitter.Refuse(
                "it is in training mode and drops values at random, so that no run could be repeated; set its training_mode to false, "
                + "or its ratio to 0, or export the model in evaluation mode");
    }
}
