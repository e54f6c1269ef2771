namespace OnnxGrow.Onnx;

/// <summary>
/// What a model file may ask of the machine before it is refused. Weights do not count: they are never read on opening,
/// so that a model of any size passes; these limits bound what its graph costs.
/// </summary>
public sealed record ReadLimits
{
    /// <summary>The deepest nesting of messages that the protobuf library of most ONNX tools reads.</summary>
    public const int DefaultMaxDepth = 100;

    /// <summary>Bytes of graph (everything but the weights): a thousand times what a large transformer has.</summary>
    public const long DefaultMaxGraphBytes = 512L << 20;

    /// <summary>Messages (nodes, attributes, shapes, ...) of a graph; a large transformer has some 100,000.</summary>
    public const int DefaultMaxMessages = 5_000_000;

    /// <summary>Element data longer than this many bytes stays in the file.</summary>
    public const int DefaultInlineBytes = 256;

    /// <summary>The limits used where none are given.</summary>
    public static ReadLimits Default { get; } = new();

    /// <summary>Deepest nesting of messages; an <c>If</c> inside an <c>If</c> takes three levels.</summary>
    public int MaxDepth { get; init; } = DefaultMaxDepth;

    /// <summary>Most bytes of the file that are not element data of tensors.</summary>
    public long MaxGraphBytes { get; init; } = DefaultMaxGraphBytes;

    /// <summary>Most messages in the file.</summary>
    public int MaxMessages { get; init; } = DefaultMaxMessages;

    /// <summary>Element data up to this many bytes is read on opening, longer data stays in the file.</summary>
    public int InlineBytes { get; init; } = DefaultInlineBytes;

    /// <summary>
    /// Refuse external data files that have a second name on disk. Off by default, because content-addressed model
    /// caches make such names; turn it on for a model from someone who can create files on this machine: a hard link
    /// is the one way to have a model read a file outside its folder. (Only on Linux and Windows.)
    /// </summary>
    public bool RefuseHardLinks { get; init; }

    /// <summary>
    /// Check on opening that every tensor's data is there and is as long as its shape says. Without it a graph opens
    /// without its data files, and the check happens when a tensor is read.
    /// </summary>
    public bool CheckData { get; init; } = true;
}
