using System.Globalization;

namespace OnnxGrow.Onnx;

/// <summary>
/// What a model file may ask of the machine before it is refused. Weights do not count: they are never read on opening,
/// so that a model of any size passes; these limits bound what its graph costs.
/// </summary>
public sealed record ReadLimits
{
    /// <summary>The deepest nesting of messages that the protobuf library of most ONNX tools reads.</summary>
    public const int DefaultMaxDepth = 100;

    /// <summary>Nesting that no limit can be raised beyond: deeper messages would not fit the stack of a thread.</summary>
    public const int DeepestMaxDepth = 1000;

    /// <summary>Bytes of graph (everything but the weights): a thousand times what a large transformer has.</summary>
    public const long DefaultMaxGraphBytes = 512L << 20;

    /// <summary>Messages (nodes, attributes, shapes, ...) of a graph; a large transformer has some 100,000.</summary>
    public const int DefaultMaxMessages = 5_000_000;

    /// <summary>Nodes of a graph after calls of its own functions are replaced by their bodies, and so many calls.</summary>
    public const int DefaultMaxUnfolded = 250_000;

    /// <summary>Calls of functions inside calls; deeper ones are taken for a function that calls itself.</summary>
    public const int DefaultMaxCalls = 32;

    /// <summary>Calls inside calls that no limit can be raised beyond, for the stack of a thread too.</summary>
    public const int DeepestMaxCalls = 500;

    /// <summary>Largest growth of one size, as a factor: a slip of the finger, or a stranger's plan, should not fill the disk.</summary>
    public const int DefaultMaxFactor = 1024;

    /// <summary>Most layers that one growth adds: ten times what the deepest transformers have.</summary>
    public const int DefaultMaxNewLayers = 1024;

    /// <summary>Element data longer than this many bytes stays in the file.</summary>
    public const int DefaultInlineBytes = 256;

    private readonly int maxDepth = DefaultMaxDepth;
    private readonly int maxCalls = DefaultMaxCalls;

    /// <summary>The limits used where none are given.</summary>
    public static ReadLimits Default { get; } = new();

    /// <summary>The names by which <see cref="With"/> knows the limits.</summary>
    public static IReadOnlyList<string> Names { get; } = ["depth", "graph-bytes", "messages", "unfolded", "calls", "factor", "new-layers"];

    /// <summary>
    /// Deepest nesting of messages; an <c>If</c> inside an <c>If</c> takes three levels. At most <see cref="DeepestMaxDepth"/>.
    /// </summary>
    public int MaxDepth
    {
        get => maxDepth;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 0);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, DeepestMaxDepth);
            maxDepth = value;
        }
    }

    /// <summary>Most bytes of the file that are not element data of tensors.</summary>
    public long MaxGraphBytes { get; init; } = DefaultMaxGraphBytes;

    /// <summary>Most messages in the file.</summary>
    public int MaxMessages { get; init; } = DefaultMaxMessages;

    /// <summary>
    /// Most nodes after calls of the model's own functions are replaced by their bodies, and most calls; the bytes of the
    /// bodies count as bytes of the graph.
    /// </summary>
    public int MaxUnfolded { get; init; } = DefaultMaxUnfolded;

    /// <summary>Deepest nesting of calls of the model's own functions. At most <see cref="DeepestMaxCalls"/>.</summary>
    public int MaxCalls
    {
        get => maxCalls;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 0);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, DeepestMaxCalls);
            maxCalls = value;
        }
    }

    /// <summary>Largest growth of one size of the model, as a factor.</summary>
    public int MaxFactor { get; init; } = DefaultMaxFactor;

    /// <summary>Most layers that one growth of the model adds.</summary>
    public int MaxNewLayers { get; init; } = DefaultMaxNewLayers;

    /// <summary>Element data up to this many bytes is read on opening, longer data stays in the file.</summary>
    public int InlineBytes { get; init; } = DefaultInlineBytes;

    /// <summary>
    /// Read external data files that have a second name on disk (a hard link). Off by default: a hard link is the one way to
    /// have a model read a file outside its folder that no path shows. Turn it on for a model whose folder only trusted people
    /// write to; tools that lay out models without copying them make such names. Where the system does not tell the number
    /// of names (neither Linux nor Windows), they are read.
    /// </summary>
    public bool AllowHardLinks { get; init; }

    /// <summary>
    /// Check on opening that every tensor's data is there and is as long as its shape says. Without it a graph opens
    /// without its data files, and the check happens when a tensor is read.
    /// </summary>
    public bool CheckData { get; init; } = true;

    /// <summary>The same limits but one.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="value">What it becomes, as text: a whole number, for bytes with or without a unit (64MiB, 1GiB).</param>
    /// <exception cref="BadInputException">There is no such limit, or it cannot be that.</exception>
    public ReadLimits With(string name, string value) => name switch
    {
        "depth" => this with { MaxDepth = (int)Number(name, value, DeepestMaxDepth) },
        "graph-bytes" => this with { MaxGraphBytes = Bytes(name, value) },
        "messages" => this with { MaxMessages = (int)Number(name, value, int.MaxValue) },
        "unfolded" => this with { MaxUnfolded = (int)Number(name, value, int.MaxValue) },
        "calls" => this with { MaxCalls = (int)Number(name, value, DeepestMaxCalls) },
        "factor" => this with { MaxFactor = (int)Number(name, value, int.MaxValue) },
        "new-layers" => this with { MaxNewLayers = (int)Number(name, value, int.MaxValue) },
        _ => throw new BadInputException(ErrorCode.Limit, $"there is no limit '{Text.Name(name)}'; there are {Text.List(Names)}"),
    };

    /// <summary>The end of a message about a limit that was reached.</summary>
    internal static string Raise(string name) => $"if the file can be trusted, raise the limit '{name}' (--limit {name}=N)";

    private static long Number(string name, string value, long most) =>
        TryNumber(value, most) ?? throw new BadInputException(ErrorCode.Limit, FormattableString.Invariant(
            $"the limit '{name}' cannot be '{Text.Name(value)}'; give a whole number from 1 to {most}"));

    private static long Bytes(string name, string value)
    {
        (string Unit, int Shift)[] units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("", 0)];
        (string unit, int shift) = units.First(u => value.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        return TryNumber(value[..^unit.Length].TrimEnd(), int.MaxValue >> shift) << shift ?? throw new BadInputException(
            ErrorCode.Limit, $"the limit '{name}' cannot be '{Text.Name(value)}'; give a whole number of bytes below 2 GiB, such as 64MiB");
    }

    private static long? TryNumber(string text, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= 1 && number <= most ? number : null;
}
