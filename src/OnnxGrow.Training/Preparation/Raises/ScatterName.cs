namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>Scatter became ScatterElements.</summary>
[Raises("Scatter", 11)]
internal sealed class ScatterName : IRaise
{
    public void Raise(RaisedNode at) => at.Node.OpType = "ScatterElements";
}
