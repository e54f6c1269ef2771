namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The bounds of Clip became inputs.</summary>
[Raises("Clip", 11)]
internal sealed class ClipBounds : IRaise
{
    public void Raise(RaisedNode at)
    {
        at.FloatToInput("min", 1);
        at.FloatToInput("max", 2);
    }
}
