using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The ratio of Dropout became an input.</summary>
[Raises("Dropout", 12)]
internal sealed class DropoutRatio : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (at.Take("ratio") is { } ratio)
        {
            at.SetInput(1, at.Constant(Tensors.Scalar("", ElementType.Float32, ratio.F)));
        }
    }
}
