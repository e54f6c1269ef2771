namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The amounts and the value of Pad became inputs.</summary>
[Raises("Pad", 11)]
internal sealed class PadAmounts : IRaise
{
    public void Raise(RaisedNode at)
    {
        at.IntsToInput("pads", 1);
        at.FloatToInput("value", 2);
    }
}
