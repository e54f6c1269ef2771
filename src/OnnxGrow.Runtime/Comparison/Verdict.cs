namespace OnnxGrow.Runtime.Comparison;

/// <summary>What a comparison came to.</summary>
public enum Verdict
{
    /// <summary>The models agree within the tolerance.</summary>
    Equivalent,

    /// <summary>They do not.</summary>
    NotEquivalent,

    /// <summary>Nothing could be said, for a reason outside the models' agreement.</summary>
    NotVerified,
}

/// <summary>Verdicts among one another, and as exit codes.</summary>
public static class Verdicts
{
    /// <summary>One refuted part refutes the whole; one that is unknown leaves the whole unknown.</summary>
    public static Verdict All(IEnumerable<Verdict> parts)
    {
        Verdict all = Verdict.Equivalent;
        foreach (Verdict part in parts)
        {
            all = part == Verdict.NotEquivalent || all == Verdict.NotEquivalent ? Verdict.NotEquivalent
                : part == Verdict.NotVerified ? Verdict.NotVerified
                : all;
        }

        return all;
    }

    /// <summary>What a command ends with.</summary>
    public static ExitCode ToExitCode(this Verdict verdict) => verdict switch
    {
        Verdict.Equivalent => ExitCode.Success,
        Verdict.NotEquivalent => ExitCode.NotEquivalent,
        _ => ExitCode.NotVerified,
    };
}
