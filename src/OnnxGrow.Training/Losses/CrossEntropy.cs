using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Losses;

/// <summary>
/// Cross-entropy of a softmax over the last axis, mean over the labels that count: classification, causal and masked language
/// modelling differ in the labels only. Loss and gradient are those of PyTorch's cross_entropy.
/// </summary>
/// <param name="Output">The output with the logits; null for the model's only one, or the one called so.</param>
/// <param name="IgnoreIndex">The label that does not count.</param>
/// <param name="LabelSmoothing">How much of each target is spread over all classes.</param>
internal sealed record CrossEntropy(string? Output, long IgnoreIndex = -100, double LabelSmoothing = 0) : ILoss
{
    /// <summary>The name of the input that takes the labels.</summary>
    public const string Labels = "labels";

    public CrossEntropy? Labelled => this;

    public LossGraph Emit(LossEmitter at)
    {
        string logits = at.OutputOf(Output);
        long[] dims = at.DimsOf(logits);
        if (dims.Length < 2)
        {
            throw new CannotTrainException(ErrorCode.Loss, $"the output '{Text.Name(logits)}' has {dims.Length} axes; cross-entropy asks for logits [..., classes]");
        }

        long classes = dims[^1];
        string labels = at.Reshape(at.AddInput(Labels, ElementType.Int64, dims[..^1]), -1);
        string rows = dims.Length == 2 ? logits : at.Reshape(logits, -1, classes);
        string counts = at.Op("Not", at.Op("Equal", labels, at.Int(IgnoreIndex)));
        string weight = at.Op("Unsqueeze", at.Cast(counts, at.FloatType), at.Ints(1));
        string count = at.SumAll(weight);
        string number = at.Op("Max", count, at.Scalar(1));
        string index = at.Op("Unsqueeze", at.Where(counts, labels, at.Int(0)), at.Ints(1));
        string log = at.Op("LogSoftmax", [("axis", -1L)], rows);
        string picked = at.Op("GatherElements", [("axis", 1L)], log, index);
        if (LabelSmoothing > 0)
        {
            picked = at.Add(at.Mul(picked, 1 - LabelSmoothing), at.Mul(at.Reduce("ReduceMean", log, true, 1), LabelSmoothing));
        }

        string loss = at.Neg(at.Div(at.SumAll(at.Mul(picked, weight)), number));

        // d loss / d logits = (softmax - target) / count, the target taken off where it stands.
        string scale = at.Mul(weight, at.Div(at.Scale, number));
        string probabilities = at.Op("Exp", log);
        string spread = LabelSmoothing > 0 ? at.Sub(probabilities, at.Scalar(LabelSmoothing / classes)) : probabilities;
        string gradient = at.Op(
            "ScatterElements", [("axis", 1L), ("reduction", "add")], at.Mul(spread, scale), index, at.Mul(scale, LabelSmoothing - 1));
        string? correct = !at.Measures ? null : at.SumAll(at.Cast(
            at.Op("Equal", at.Op("ArgMax", [("axis", 1L), ("keepdims", 0L)], rows), labels), at.FloatType));
        string seed = dims.Length == 2 ? gradient : at.ReshapeLike(gradient, logits);
        return new LossGraph(loss, new Dictionary<string, string> { [logits] = seed }, count, correct);
    }
}
