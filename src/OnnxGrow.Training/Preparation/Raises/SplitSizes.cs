namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The sizes of Split became an input.</summary>
[Raises("Split", 13)]
internal sealed class SplitSizes : IRaise
{
    public void Raise(RaisedNode at) => at.IntsToInput("split", 1);
}
