using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Resize is not differentiated: no standard operator is its transpose.</summary>
[Gradient("Resize")]
internal sealed class Resize : IGradient
{
    public void Differentiate(GradientEmitter at) => throw GradientEmitter.Refuse(
        "resizing is not differentiated; resize position embeddings before the export, or freeze the weights in front of it");
}
