namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>A Split without sizes says how many pieces it makes.</summary>
[Raises("Split", 18)]
internal sealed class SplitCount : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (at.Input(1).Length == 0)
        {
            at.Set("num_outputs", (long)at.Node.Output.Count);
        }
    }
}
