using OnnxGrow.Training.Losses;

namespace OnnxGrow.Training.Trainability;

/// <summary>The sum of all outputs, each entry times a number that is given: a loss without symmetries of its own.</summary>
/// <param name="Outputs">The outputs, which are of floats.</param>
internal sealed record ProbeLoss(IReadOnlyList<string> Outputs) : ILoss
{
    /// <summary>The input with the numbers for an output.</summary>
    public static string InputOf(string output) => output + "/probe";

    public LossGraph Emit(LossEmitter at)
    {
        string? loss = null;
        var seeds = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string output in Outputs)
        {
            string numbers = at.AddInput(InputOf(output), at.FloatType, at.DimsOf(output));
            string sum = at.SumAll(at.Mul(output, numbers));
            loss = loss is null ? sum : at.Add(loss, sum);
            seeds.Add(output, at.Mul(numbers, at.Scale));
        }

        return new LossGraph(
            loss ?? throw new CannotTrainException(ErrorCode.Loss, "the model has no output of floats that a loss could be of"),
            seeds,
            at.Scalar(1),
            null);
    }
}
