namespace OnnxGrow.Training.Ligo;

/// <summary>Which axes share an operator.</summary>
public enum LigoTying
{
    /// <summary>
    /// One for each dimension, as LiGO's section 3.3 has it: one for the residual width of the whole model, and one for each
    /// inner width of each layer (what attention reads from values, what the second FFN matrix reads from the first); queries and
    /// keys have their own.
    /// </summary>
    Paper,

    /// <summary>The same, with the identity for the source's own entries, as in LiGO's code: only new rows are learned.</summary>
    Code,

    /// <summary>Every axis of every weight has its own.</summary>
    None,
}

/// <summary>Where the operators begin.</summary>
public enum LigoStart
{
    /// <summary>
    /// At LEMON's expansion, what it adds beside its operators included: before the first step the model computes what the
    /// source does.
    /// </summary>
    Lossless,

    /// <summary>As LiGO publishes it: layers stacked and entries selected at random, both with noise.</summary>
    Paper,
}

/// <summary>How growth operators are learned.</summary>
public sealed record LigoOptions
{
    /// <summary>The steps of the paper.</summary>
    public const long PaperSteps = 100;

    /// <summary>Which axes share an operator.</summary>
    public LigoTying Tying { get; init; }

    /// <summary>Where they begin.</summary>
    public LigoStart Start { get; init; }

    /// <summary>Seed of what is drawn at random.</summary>
    public ulong Seed { get; init; }
}
