namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>
/// Softmax and its like took all axes from the named one on as one, and the first for theirs where none was named; now they take one.
/// </summary>
[Raises("Softmax", 13)]
[Raises("LogSoftmax", 13)]
[Raises("Hardmax", 13)]
internal sealed class FlatSoftmax : IRaise
{
    public void Raise(RaisedNode at)
    {
        long axis = at.Take("axis")?.I ?? 1;
        at.Set("axis", -1L);
        string x = at.Input(0);
        if (axis == -1 || axis + 1 == at.Facts.RankOf(x))
        {
            return;
        }

        string shape = at.Front("Shape", [], x);
        at.SetInput(0, at.Front("Flatten", [("axis", axis)], x));
        (string old, string flat) = at.Rename(0);
        at.Behind(old, "Reshape", [], flat, shape);
    }
}
