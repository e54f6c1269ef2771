namespace OnnxGrow.Training.Losses;

/// <summary>
/// Distillation from a teacher (Hinton et al. 2015): T^2 KL(teacher / T || student / T), mean over the labels that count, mixed
/// with the cross-entropy of the labels themselves.
/// </summary>
/// <param name="Hard">The cross-entropy.</param>
/// <param name="Temperature">T.</param>
/// <param name="Weight">The teacher's share, 0 to 1.</param>
internal sealed record Distillation(CrossEntropy Hard, double Temperature = 1, double Weight = 0.5) : ILoss
{
    /// <summary>The name of the input that takes the teacher's logits.</summary>
    public const string Teacher = "teacher_logits";

    public CrossEntropy? Labelled => Hard;

    public LossGraph Emit(LossEmitter at)
    {
        LossGraph hard = Hard.Emit(at);
        string logits = hard.Seeds.Keys.Single();
        long[] dims = at.DimsOf(logits);
        string teacher = at.AddInput(Teacher, at.FloatType, dims);
        string counts = at.Cast(at.Op("Not", at.Op("Equal", CrossEntropy.Labels, at.Int(Hard.IgnoreIndex))), at.FloatType);
        string weight = at.Op("Unsqueeze", counts, at.Ints(-1));
        string number = at.Op("Max", hard.Count, at.Scalar(1));
        string student = at.Op("LogSoftmax", [("axis", -1L)], at.Mul(logits, 1 / Temperature));
        string wanted = at.Op("LogSoftmax", [("axis", -1L)], at.Mul(teacher, 1 / Temperature));
        string target = at.Op("Exp", wanted);
        string divergence = at.Mul(at.Mul(target, at.Sub(wanted, student)), weight);
        string soft = at.Mul(at.Div(at.SumAll(divergence), number), Temperature * Temperature);
        string loss = at.Add(at.Mul(hard.Loss, 1 - Weight), at.Mul(soft, Weight));
        string scale = at.Mul(at.Mul(weight, at.Div(at.Scale, number)), Temperature * Weight);
        string seed = at.Add(at.Mul(hard.Seeds[logits], 1 - Weight), at.Mul(at.Sub(at.Op("Exp", student), target), scale));
        return hard with { Loss = loss, Seeds = new Dictionary<string, string> { [logits] = seed } };
    }
}
