namespace OnnxGrow.Analysis.Norms;

/// <summary>What a norm divides by.</summary>
public enum NormKind
{
    /// <summary>Subtracts the mean and divides by the standard deviation.</summary>
    LayerNorm,

    /// <summary>Divides by the root mean square.</summary>
    RmsNorm,
}

/// <summary>Where a norm's epsilon stands in the file.</summary>
/// <param name="Node">The node that takes it.</param>
/// <param name="Input">Which input it is, or -1 for an attribute.</param>
/// <param name="Value">Its value.</param>
public sealed record EpsilonSlot(Node Node, int Input, double Value);

/// <summary>A normalisation over the last axis, whether one node or several.</summary>
public sealed record NormInstance
{
    /// <summary>LayerNorm or RMSNorm.</summary>
    public required NormKind Kind { get; init; }

    /// <summary>What is normalised.</summary>
    public required Value Input { get; init; }

    /// <summary>The result, gain and bias applied.</summary>
    public required Value Output { get; init; }

    /// <summary>The gain (gamma), a constant of rank 1 after broadcasting; null where there is none.</summary>
    public Value? Gain { get; init; }

    /// <summary>The bias (beta), likewise.</summary>
    public Value? Bias { get; init; }

    /// <summary>Where epsilon stands; null where nothing is added to the variance.</summary>
    public EpsilonSlot? Epsilon { get; init; }

    /// <summary>The axis that it runs over, counted from the innermost: 1 for the last, 3 for the channels of an image.</summary>
    public int FromEnd { get; init; } = 1;

    /// <summary>The nodes, in graph order.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>The node that makes the output.</summary>
    public Node Last => Output.Producer!;

    /// <summary>The axis that it runs over, of a value that it reads or writes; null where that has none so far.</summary>
    internal Axes.Axis? AxisOf(Value value) => value.Axes is { } axes && axes.Length >= FromEnd ? axes[^FromEnd] : null;

    /// <summary>Kind and name, for messages.</summary>
    public string Display => $"{(Kind == NormKind.LayerNorm ? "LayerNorm" : "RMSNorm")} at {Last.Display}";
}
