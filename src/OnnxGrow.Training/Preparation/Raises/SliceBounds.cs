namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The starts, ends and axes of Slice became inputs.</summary>
[Raises("Slice", 10)]
internal sealed class SliceBounds : IRaise
{
    public void Raise(RaisedNode at)
    {
        at.IntsToInput("starts", 1);
        at.IntsToInput("ends", 2);
        at.IntsToInput("axes", 3);
    }
}
