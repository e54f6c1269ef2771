namespace OnnxGrow.Runtime.Reports.Checks;

/// <summary>What became of a check.</summary>
public enum CheckOutcome
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>It was not run; the message says why.</summary>
    NotRun,
}
