namespace OnnxGrow.Training.Data;

/// <summary>
/// Where a stream of batches is. It holds all the state there is: shuffling, masking and cropping are functions of seed,
/// epoch and sample. Its properties are plain, so that any serialiser can keep it.
/// </summary>
public sealed record DataPosition
{
    /// <summary>Batches given so far.</summary>
    public required long Step { get; init; }

    /// <summary>Times that all samples were given.</summary>
    public required long Epoch { get; init; }

    /// <summary>Samples given of the epoch that has begun.</summary>
    public required long Sample { get; init; }

    /// <summary>The seed of shuffling and all else that is random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What the data are, so that a run is not carried on with others.</summary>
    public required string Data { get; init; }
}
