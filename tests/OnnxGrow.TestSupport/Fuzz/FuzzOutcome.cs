namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>How reading an input went.</summary>
public enum FuzzVerdict
{
    /// <summary>It was read, and grown where that was asked.</summary>
    Taken,

    /// <summary>It was refused with an error that is the caller's to mend.</summary>
    Refused,

    /// <summary>Neither: a bug.</summary>
    Finding,
}

/// <summary>The outcome of one input.</summary>
/// <param name="Verdict">How it went.</param>
/// <param name="Key">For a finding, what tells it from others: the exception and where it was thrown.</param>
/// <param name="Text">The error.</param>
public sealed record FuzzOutcome(FuzzVerdict Verdict, string Key, string Text);

/// <summary>What one input may cost.</summary>
public sealed record FuzzLimits
{
    /// <summary>Most bytes that are allocated for it, all in all.</summary>
    public long AllocatedBytes { get; init; } = 1L << 30;

    /// <summary>Most processor time; null where it is not looked at.</summary>
    public TimeSpan? ProcessorTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the allocations of all threads count, or of this one only, because others do other things.</summary>
    public bool WholeProcess { get; init; } = true;
}
