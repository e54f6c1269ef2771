using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Explain;

/// <summary>What a tensor is: its axes, the dimensions that they belong to, and what ties them there.</summary>
public sealed record TensorExplanation
{
    /// <summary>The map that it was found in.</summary>
    public required ModelMap Map { get; init; }

    /// <summary>The value.</summary>
    public required Value Value { get; init; }

    /// <summary>Whether a plan adds it: it is then described as it stands in the grown model.</summary>
    public bool IsAdded { get; init; }

    /// <summary>What kind of value it is, for a person: "weight", "constant", "activation", "input of the model".</summary>
    public required string Kind { get; init; }

    /// <summary>The type of its elements, where the file tells it.</summary>
    public ElementType? Type { get; init; }

    /// <summary>The shape in dimensions: "[vocabulary, hidden]"; null where not even the rank is known.</summary>
    public string? Shape { get; init; }

    /// <summary>One entry an axis.</summary>
    public required ImmutableArray<AxisExplanation> Axes { get; init; }

    /// <summary>The dimensions of its axes, each once.</summary>
    public required ImmutableArray<DimensionExplanation> Dimensions { get; init; }

    /// <summary>Names of the other uses of the same vector, each of which is followed by itself.</summary>
    public ImmutableArray<string> OtherUses { get; init; } = [];
}

/// <summary>One axis of a tensor.</summary>
/// <param name="Axis">Which.</param>
/// <param name="Extent">Its extent, where it is known.</param>
/// <param name="Text">The dimensions that make it up.</param>
/// <param name="Ties">What ties it to each of them.</param>
public sealed record AxisExplanation(int Axis, long? Extent, string Text, ImmutableArray<AxisTie> Ties);

/// <summary>What ties an axis to a dimension.</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Chain">The way to another weight that has it; null where no other weight has it.</param>
/// <param name="Landmark">What the end of the chain is ("the table of tokens"); null where it is simply the nearest other weight.</param>
/// <param name="IsLandmark">Whether the axis is itself what stands for the dimension.</param>
public sealed record AxisTie(Dimension Dimension, TieChain? Chain, string? Landmark, bool IsLandmark);
