using System.Collections.Immutable;

namespace OnnxGrow.Analysis;

/// <summary>What a dimension is in a transformer.</summary>
public enum DimensionRole
{
    /// <summary>None of the others; grows only by its own name.</summary>
    Other,

    /// <summary>The residual width (d_model).</summary>
    Hidden,

    /// <summary>Attention heads.</summary>
    Heads,

    /// <summary>Heads of keys and values, where groups of query heads share one (grouped-query attention).</summary>
    KvHeads,

    /// <summary>Query heads that share a head of keys and values.</summary>
    HeadsPerKv,

    /// <summary>The size of one head.</summary>
    HeadDim,

    /// <summary>The inner width of a feed-forward block.</summary>
    Ffn,

    /// <summary>An inner width outside the layers, such as a pooler's.</summary>
    Inner,

    /// <summary>Rows of the token table.</summary>
    Vocabulary,

    /// <summary>Rows of a position table.</summary>
    Positions,

    /// <summary>Rows of another table (segments).</summary>
    Segments,

    /// <summary>What a classifier tells apart: an axis of an output.</summary>
    Classes,

    /// <summary>Experts of a mixture.</summary>
    Experts,
}

/// <summary>How a dimension grows.</summary>
public enum DimensionGrowth
{
    /// <summary>Activations are carried by an expansion, and every result stays what it was.</summary>
    Expand,

    /// <summary>
    /// New entries follow the old ones (rules 3.12 and 3.13): what the old ones gave stays what it was, and where the axis is
    /// an output's, the output becomes longer.
    /// </summary>
    Append,
}

/// <summary>Axes that must have the same extent: one size of the model.</summary>
public sealed record Dimension
{
    /// <summary>A name that is unique in the model: "hidden", "ffn.2", "heads.0".</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required DimensionRole Role { get; init; }

    /// <summary>Its extent.</summary>
    public required long Extent { get; init; }

    /// <summary>How it grows.</summary>
    public DimensionGrowth Growth { get; init; }

    /// <summary>
    /// How often it occurs in the axis that it is a part of: 2 where a head's size is made of two halves that a rotary
    /// embedding turns into each other.
    /// </summary>
    public int Occurrences { get; init; } = 1;

    /// <summary>The layer that it belongs to; null where it belongs to several or none.</summary>
    public required int? Layer { get; init; }

    /// <summary>Names of the weights that have it, each with the axis.</summary>
    public required ImmutableArray<WeightAxis> Weights { get; init; }

    /// <summary>Why it cannot grow; empty where it can.</summary>
    public required ImmutableArray<string> Refusals { get; init; }

    /// <summary>
    /// Inputs and outputs of the model that it is an axis of: it grows only where the plan lets those become wider
    /// (<see cref="Growth.Plans.GrowthPlan.WidenInterface"/>).
    /// </summary>
    public ImmutableArray<string> InterfaceRefusals { get; init; } = [];

    /// <summary>Whether it can grow while inputs and outputs stay as they are.</summary>
    public bool CanGrow => Refusals.IsEmpty && InterfaceRefusals.IsEmpty;

    /// <summary>Whether it can grow.</summary>
    /// <param name="widenInterface">Whether inputs and outputs may become wider.</param>
    public bool CanGrowIf(bool widenInterface) => Refusals.IsEmpty && (widenInterface || InterfaceRefusals.IsEmpty);

    /// <summary>Why it cannot grow; null where it can.</summary>
    /// <param name="widenInterface">Whether inputs and outputs may become wider.</param>
    public string? WhyNot(bool widenInterface = false) => !Refusals.IsEmpty ? Refusals[0]
        : widenInterface || InterfaceRefusals.IsEmpty ? null
        : InterfaceRefusals[0] + ", which would become wider (--widen-interface allows that)";

    internal Axes.SizeClass Size { get; init; } = null!;
}

/// <summary>One axis of one weight.</summary>
/// <param name="Tensor">The weight's name.</param>
/// <param name="Axis">Which axis.</param>
public readonly record struct WeightAxis(string Tensor, int Axis);
