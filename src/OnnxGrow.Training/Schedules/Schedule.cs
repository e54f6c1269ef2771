namespace OnnxGrow.Training.Schedules;

/// <summary>The learning rate over the steps of a run.</summary>
public sealed record Schedule
{
    /// <summary>The kinds of schedules.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["constant", "linear", "cosine", "wsd", "lemon"];

    /// <summary>Which one it is.</summary>
    public string Kind { get; init; } = "cosine";

    /// <summary>The largest rate.</summary>
    public required double MaxRate { get; init; }

    /// <summary>The rate at the end.</summary>
    public double MinRate { get; init; }

    /// <summary>Steps of linear warm-up from zero.</summary>
    public long Warmup { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required long Steps { get; init; }

    /// <summary>The part of the steps after warm-up in which a warm-up-stable-decay schedule goes down.</summary>
    public double DecayFraction { get; init; } = 0.2;

    /// <summary>
    /// The part of a run that a grown model needs of the steps from scratch, in which `lemon` decays all the way: 130 of 300 epochs
    /// for ViT, 132 of 220 thousand steps for BERT (LEMON's published commands; growth-math, section 7).
    /// </summary>
    public double LemonFraction { get; init; } = 1;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">The step, 0 for the first.</param>
    public double RateOf(long step)
    {
        // The last step of the warm-up has the full rate.
        if (step < Warmup)
        {
            return MaxRate * (step + 1) / Warmup;
        }

        double all = Math.Max(1, Steps - Warmup);
        double done = Math.Clamp((step - Warmup) / all, 0, 1);
        return Kind switch
        {
            "constant" => MaxRate,
            "linear" => Between(1 - done),
            "cosine" => Between(Cosine(done)),
            "wsd" => Between(Math.Min(1, (1 - done) / DecayFraction)),
            "lemon" => Between(Cosine(Math.Min(1, done / LemonFraction))),
            _ => throw new BadInputException(ErrorCode.Recipe, $"unknown schedule '{Text.Name(Kind)}'; there are {string.Join(", ", Kinds)}"),
        };
    }

    private static double Cosine(double done) => (1 + Math.Cos(Math.PI * done)) / 2;

    private double Between(double share) => MinRate + ((MaxRate - MinRate) * share);
}
