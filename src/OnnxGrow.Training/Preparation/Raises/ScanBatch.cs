namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>Scan had a batch axis of its own.</summary>
[Raises("Scan", 9)]
internal sealed class ScanBatch : IRaise
{
    public void Raise(RaisedNode at) => throw at.Refuse("its batch axis is gone from set 9 on; export it with set 9 or later");
}
