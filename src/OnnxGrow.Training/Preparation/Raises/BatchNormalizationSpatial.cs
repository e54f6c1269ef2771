namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>BatchNormalization has statistics for each channel; it could have them for each element.</summary>
[Raises("BatchNormalization", 9)]
internal sealed class BatchNormalizationSpatial : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (at.Take("spatial") is { I: 0 })
        {
            throw at.Refuse("statistics for each element (spatial 0) are gone from set 9 on");
        }
    }
}
