namespace OnnxGrow.Onnx;

/// <summary>
/// How a model is written. Without options every tensor stays where it was: in the model, or in a file beside it. A
/// model that would be larger than protobuf allows (2 GiB - 1) has its weights moved to that file.
/// </summary>
public sealed record SaveOptions
{
    /// <summary>Tensors of fewer bytes are not worth a place in a file beside the model, which is for what is worth mapping.</summary>
    public const long WorthMoving = 1024;

    /// <summary>Initializers of at least so many bytes go to the file beside the model; null leaves them where they are.</summary>
    public long? ExternalThreshold { get; init; }

    /// <summary>Everything goes into the model itself; an error where it is too large for that.</summary>
    public bool Inline { get; init; }

    /// <summary>
    /// The name of the file beside the model, without a folder; null for the model's name and ".data" (or ".safetensors" in place
    /// of its extension). Several files have numbers in their names: "m.onnx-00001-of-00003.data".
    /// </summary>
    public string? DataFileName { get; init; }

    /// <summary>Bytes of a file beside the model at most, but for a tensor that is larger itself; null for one file.</summary>
    public long? ShardBytes { get; init; }

    /// <summary>Files beside the model have the header of safetensors, so that its readers find the initializers by name.</summary>
    public bool Safetensors { get; init; }

    /// <summary>Bytes of memory for blocks of weights on their way; all threads together keep to it.</summary>
    public long MemoryBytes { get; init; } = 512L << 20;

    /// <summary>Threads that read, compute and write weights; the bytes written do not depend on it.</summary>
    public int MaxParallelism { get; init; } = Math.Min(Environment.ProcessorCount, 16);

    /// <summary>Stops the writing; nothing is left behind.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Is told how much is written; null for nobody.</summary>
    public WorkProgress? Progress { get; init; }
}
