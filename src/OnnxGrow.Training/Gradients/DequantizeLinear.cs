using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>DequantizeLinear: what it reads are integers, which cannot move by small steps.</summary>
[Gradient("DequantizeLinear")]
internal sealed class DequantizeLinear : IGradient
{
    public void Differentiate(GradientEmitter at) => throw GradientEmitter.Refuse(
        "the weights behind it are stored as integers, which no gradient can move by small steps, and scales alone would lose the match "
        + "with them; train the model in float32, before it is quantised, and quantise the result");
}
