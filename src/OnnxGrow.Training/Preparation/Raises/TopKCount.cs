namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The number of values of TopK became an input.</summary>
[Raises("TopK", 10)]
internal sealed class TopKCount : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (at.Take("k") is { } count)
        {
            at.SetInput(1, at.Ints(count.I));
        }
    }
}
