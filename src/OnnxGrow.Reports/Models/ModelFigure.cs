namespace OnnxGrow.Reports.Models;

/// <summary>What growth did to a part of a model.</summary>
internal enum PartMark
{
    /// <summary>Nothing, or nothing is known.</summary>
    None,

    /// <summary>It is the source's, larger.</summary>
    Wider,

    /// <summary>The source does not have it.</summary>
    New,
}

/// <summary>A model as a stack of parts.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Facts">What it is, in a few words each.</param>
/// <param name="Parameters">Elements of all weights.</param>
/// <param name="Parts">Embeddings, layers, head.</param>
internal sealed record ModelFigure(string Name, IReadOnlyList<string> Facts, long Parameters, IReadOnlyList<FigurePart> Parts);

/// <summary>What a part is.</summary>
internal enum PartKind
{
    /// <summary>What comes before the layers.</summary>
    Embeddings,

    /// <summary>A layer.</summary>
    Layer,

    /// <summary>What comes behind them.</summary>
    Head,

    /// <summary>A model without layers.</summary>
    All,
}

/// <summary>A part of a model.</summary>
internal sealed record FigurePart
{
    /// <summary>What it is.</summary>
    public required PartKind Kind { get; init; }

    /// <summary>The layer's number, from 0.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>The stack that the layer is one of, from 0.</summary>
    public int Stack { get; init; }

    /// <summary>Elements of its weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Its sizes.</summary>
    public required IReadOnlyList<FigureSize> Sizes { get; init; }

    /// <summary>What growth did to it.</summary>
    public PartMark Mark { get; init; }

    /// <summary>Where it comes from, in words; null where that goes without saying.</summary>
    public string? From { get; init; }
}

/// <summary>A size of a part.</summary>
/// <param name="Block">The block that it belongs to: "attention", "feed-forward", or what else.</param>
/// <param name="What">What it counts: "heads".</param>
/// <param name="Size">The size.</param>
/// <param name="Was">The size in the source, where that is another.</param>
internal sealed record FigureSize(string Block, string What, long Size, long? Was = null);
