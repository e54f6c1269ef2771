namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>BatchNormalization says when it trains; the outputs that told so are gone.</summary>
[Raises("BatchNormalization", 14)]
internal sealed class BatchNormalizationOutputs : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (Enumerable.Range(1, 4).Any(at.HasOutput))
        {
            throw at.Refuse("it was exported for training (it has outputs behind the first); export the model for inference");
        }

        while (at.Node.Output.Count > 1)
        {
            at.Node.Output.RemoveAt(at.Node.Output.Count - 1);
        }
    }
}
