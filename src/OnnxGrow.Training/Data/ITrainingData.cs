namespace OnnxGrow.Training.Data;

/// <summary>An endless stream of batches, the same for the same seed, that can be carried on from any position to the bit.</summary>
public interface ITrainingData : IDisposable
{
    /// <summary>What a batch holds.</summary>
    IReadOnlyList<DataField> Fields { get; }

    /// <summary>Samples of a batch.</summary>
    int BatchSize { get; }

    /// <summary>Samples of an epoch.</summary>
    long TrainingSamples { get; }

    /// <summary>Samples that are kept for validation.</summary>
    long ValidationSamples { get; }

    /// <summary>Where the stream is: what the next batch follows.</summary>
    DataPosition Position { get; }

    /// <summary>Goes to a position of this data, whatever the size of the batches was that led to it.</summary>
    /// <exception cref="BadInputException">The position is one of other data or of another seed.</exception>
    void Resume(DataPosition position);

    /// <summary>The next batch. Epochs follow each other without a gap: a batch may hold the end of one and the beginning of the next.</summary>
    Batch Next();

    /// <summary>The samples for validation, each once, always in one order and without random changes; the last batch may be smaller.</summary>
    IEnumerable<Batch> Validation();
}
