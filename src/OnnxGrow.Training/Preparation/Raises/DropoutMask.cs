namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The mask of Dropout, a tensor of the data's type, became one of truths.</summary>
[Raises("Dropout", 10)]
internal sealed class DropoutMask : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (at.HasOutput(1))
        {
            (string old, string truths) = at.Rename(1);
            at.Behind(old, "CastLike", [], truths, at.Input(0));
        }
    }
}
