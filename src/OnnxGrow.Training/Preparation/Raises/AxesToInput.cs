namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>The axes of Squeeze, Unsqueeze and ReduceSum (13) and of the other reductions (18) became an input.</summary>
[Raises("Squeeze", 13)]
[Raises("Unsqueeze", 13)]
[Raises("ReduceSum", 13)]
[Raises("ReduceL1", 18)]
[Raises("ReduceL2", 18)]
[Raises("ReduceLogSum", 18)]
[Raises("ReduceLogSumExp", 18)]
[Raises("ReduceMax", 18)]
[Raises("ReduceMean", 18)]
[Raises("ReduceMin", 18)]
[Raises("ReduceProd", 18)]
[Raises("ReduceSumSquare", 18)]
internal sealed class AxesToInput : IRaise
{
    public void Raise(RaisedNode at) => at.IntsToInput("axes", 1);
}
