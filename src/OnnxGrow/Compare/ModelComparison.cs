using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Compare;

/// <summary>How two models differ, read off their files; nothing is run.</summary>
public sealed record ModelComparison
{
    /// <summary>SHA-256 of the first file; null for a model in memory.</summary>
    public string? HashA { get; init; }

    /// <summary>SHA-256 of the second file; null for a model in memory.</summary>
    public string? HashB { get; init; }

    /// <summary>Whether graph and weights are the same.</summary>
    public required bool IsSame { get; init; }

    /// <summary>Whether the files are the same, byte for byte.</summary>
    public bool SameFile => HashA is not null && HashA == HashB;

    /// <summary>Where one of the two was grown by OnnxGrow: from what, and how; null where neither says so.</summary>
    public Lineage? Lineage { get; init; }

    /// <summary>What the models are, fact by fact: "opset", "layers", "parameters".</summary>
    public required ImmutableArray<Fact> Facts { get; init; }

    /// <summary>Sizes by dimension, those that are the same too.</summary>
    public required ImmutableArray<DimensionDifference> Dimensions { get; init; }

    /// <summary>Inputs and outputs that differ.</summary>
    public required ImmutableArray<InterfaceDifference> Interface { get; init; }

    /// <summary>Norms by kind and place, those that are as many in both too.</summary>
    public required ImmutableArray<NormDifference> Norms { get; init; }

    /// <summary>Operators whose numbers differ.</summary>
    public required ImmutableArray<OperatorDifference> Operators { get; init; }

    /// <summary>Weights that differ.</summary>
    public required ImmutableArray<TensorDifference> Tensors { get; init; }

    /// <summary>How many weights are the same in both, shape and bytes.</summary>
    public required int SameTensors { get; init; }

    /// <summary>How many constants that are no weights (sizes, indices, masks) differ, are added or are gone.</summary>
    public required int OtherConstants { get; init; }
}

/// <summary>One fact of both models.</summary>
/// <param name="Name">What it is: "parameters".</param>
/// <param name="A">Of the first.</param>
/// <param name="B">Of the second.</param>
public sealed record Fact(string Name, string A, string B);

/// <summary>One dimension of both models, matched by its name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is.</param>
/// <param name="A">Its size in the first; null where that does not have it.</param>
/// <param name="B">Its size in the second; null where that does not have it.</param>
public sealed record DimensionDifference(string Name, DimensionRole Role, long? A, long? B);

/// <summary>An input or output that differs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsInput">Whether it is an input.</param>
/// <param name="A">Type and shape in the first; null where that does not have it.</param>
/// <param name="B">Type and shape in the second; null where that does not have it.</param>
public sealed record InterfaceDifference(string Name, bool IsInput, string? A, string? B);

/// <summary>Norms of one kind at one place relative to the residual stream.</summary>
/// <param name="Kind">Their kind.</param>
/// <param name="Placement">Where they stand.</param>
/// <param name="A">How many the first has.</param>
/// <param name="B">How many the second has.</param>
public sealed record NormDifference(NormKind Kind, NormPlacement Placement, int A, int B);

/// <summary>An operator that is not as often in both.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="A">How often it is in the first.</param>
/// <param name="B">How often it is in the second.</param>
public sealed record OperatorDifference(string Operator, int A, int B);

/// <summary>What became of a weight.</summary>
public enum TensorChange
{
    /// <summary>It has another shape or type.</summary>
    Reshaped,

    /// <summary>It has the same shape and other values.</summary>
    Revalued,

    /// <summary>Only the second has it.</summary>
    Added,

    /// <summary>Only the first has it.</summary>
    Removed,
}

/// <summary>A weight that differs.</summary>
public sealed record TensorDifference
{
    /// <summary>What became of it.</summary>
    public required TensorChange Change { get; init; }

    /// <summary>Its name in the first; null for one that is added. By a plan, the tensor that it is made from.</summary>
    public string? NameA { get; init; }

    /// <summary>Its name in the second; null for one that is gone.</summary>
    public string? NameB { get; init; }

    /// <summary>Type and dims in the first.</summary>
    public string? ShapeA { get; init; }

    /// <summary>Type and dims in the second.</summary>
    public string? ShapeB { get; init; }

    /// <summary>By the plan: how exact it is.</summary>
    public Exactness? Exactness { get; init; }

    /// <summary>By the plan: the rules that it follows.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];
}

/// <summary>What a grown model says of itself, and whether the other one is what it was grown from.</summary>
public sealed record Lineage
{
    /// <summary>Whether it is the second model that was grown; else it is the first.</summary>
    public required bool OfB { get; init; }

    /// <summary>The tool that grew it.</summary>
    public string? Tool { get; init; }

    /// <summary>The plan; null where it cannot be read.</summary>
    public GrowthPlan? Plan { get; init; }

    /// <summary>Why the plan cannot be read; null where it can.</summary>
    public string? PlanFault { get; init; }

    /// <summary>The plan's changes: "hidden 48 -> 96"; none where the other model is not the source.</summary>
    public ImmutableArray<string> Changes { get; init; } = [];

    /// <summary>SHA-256 of its source, where it says so.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>What was proved of it.</summary>
    public string? Verdict { get; init; }

    /// <summary>Whether the other model is its source, by the hash; null where there is no hash to tell.</summary>
    public bool? OtherIsSource { get; init; }
}
