namespace OnnxGrow.Training.Preparation;

/// <summary>Rewrites a node of an operator that an operator set changed, so that it means under the new one what it meant before.</summary>
internal interface IRaise
{
    /// <summary>Rewrites the node.</summary>
    /// <exception cref="CannotTrainException">The new operator cannot say it (<see cref="RaisedNode.Refuse"/>).</exception>
    void Raise(RaisedNode at);
}

/// <summary>Names an operator and the operator set that changed it.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class RaisesAttribute(string opType, long opset) : Attribute
{
    public string OpType { get; } = opType;

    public long Opset { get; } = opset;
}
