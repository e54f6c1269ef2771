namespace OnnxGrow.Training.Losses;

/// <summary>The mean of the squared differences of an output to a target of its shape.</summary>
/// <param name="Output">The output; null for the model's only one.</param>
internal sealed record MeanSquaredError(string? Output) : ILoss
{
    /// <summary>The name of the input that takes the target.</summary>
    public const string Target = "target";

    public LossGraph Emit(LossEmitter at)
    {
        string output = at.OutputOf(Output);
        string difference = at.Sub(output, at.AddInput(Target, at.FloatType, at.DimsOf(output)));
        string count = at.Cast(at.Op("Size", output), at.FloatType);
        string loss = at.Div(at.SumAll(at.Mul(difference, difference)), count);
        string seed = at.Mul(difference, at.Div(at.Mul(at.Scale, 2), count));
        return new LossGraph(loss, new Dictionary<string, string> { [output] = seed }, count, null);
    }
}
