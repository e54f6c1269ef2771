namespace OnnxGrow.Training.Data;

/// <summary>Samples in any order, all of the same extents.</summary>
internal interface ISamples : IDisposable
{
    IReadOnlyList<DataField> Fields { get; }

    long Count { get; }

    /// <summary>Bytes that tell these samples from others.</summary>
    string Fingerprint { get; }

    /// <summary>Writes a sample.</summary>
    /// <param name="index">Which.</param>
    /// <param name="use">What it is for.</param>
    /// <param name="fields">Room for each field, in the order of <see cref="Fields"/>.</param>
    void Read(long index, SampleUse use, Span<Memory<byte>> fields);
}

/// <summary>What a sample is for.</summary>
/// <param name="Draw">The seed of all that is random in it, one for each seed, epoch and sample.</param>
/// <param name="Training">Whether it may be changed at random to teach more.</param>
internal readonly record struct SampleUse(ulong Draw, bool Training);
