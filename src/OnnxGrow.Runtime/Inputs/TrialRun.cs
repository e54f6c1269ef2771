namespace OnnxGrow.Runtime.Inputs;

/// <summary>What came of running a model on some inputs.</summary>
/// <param name="Error">Why it did not run; null where it did.</param>
/// <param name="HasNaN">Whether an output holds NaN.</param>
public readonly record struct TrialRun(string? Error, bool HasNaN)
{
    /// <summary>Runs a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="inputs">A tensor for each graph input.</param>
    public static TrialRun Of(OrtSession session, IReadOnlyDictionary<string, RuntimeTensor> inputs)
    {
        try
        {
            return new TrialRun(null, session.Run(inputs).Values.Any(v => v.IsFloat && v.ToDoubles().Any(double.IsNaN)));
        }
        catch (NotVerifiedException e)
        {
            return new TrialRun(e.Message, false);
        }
    }
}
