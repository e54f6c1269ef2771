using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>Upsample (attributes in 7, an input in 9) became Resize.</summary>
[Raises("Upsample", 10)]
internal sealed class UpsampleName : IRaise
{
    public void Raise(RaisedNode at)
    {
        at.Node.OpType = "Resize";
        if (at.Take("scales") is { } scales)
        {
            at.SetInput(1, at.Constant(Tensors.Float32("", [scales.Floats.Count], [.. scales.Floats])));
        }

        ResizeCoordinates.Rewrite(at);
    }
}
