using System.Collections.Immutable;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Explain;

/// <summary>What a plan does to one tensor.</summary>
public sealed record GrowthExplanation
{
    /// <summary>The plan.</summary>
    public required GrowthPlan Plan { get; init; }

    /// <summary>The plan's changes of size and depth: "hidden 48 -> 96".</summary>
    public required ImmutableArray<string> Changes { get; init; }

    /// <summary>The class of the whole growth.</summary>
    public required Exactness Exactness { get; init; }

    /// <summary>The grown tensors that the name stands for; none where the plan leaves the tensor as it is.</summary>
    public required ImmutableArray<WeightGrowth> Weights { get; init; }

    /// <summary>For an activation, an input or an output: how it is carried; null for a weight, or where nothing of it grows.</summary>
    public CarriedValue? Carried { get; init; }

    /// <summary>Grown tensors that are made from the same source tensor, beside <see cref="Weights"/>.</summary>
    public ImmutableArray<string> AlsoSourceOf { get; init; } = [];
}

/// <summary>How one grown tensor is made.</summary>
public sealed record WeightGrowth
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The source tensor.</summary>
    public required string Source { get; init; }

    /// <summary>Where a tensor that the plan adds comes from: "in new layer 2, a copy of layer 1 put behind it"; null for others.</summary>
    public string? Origin { get; init; }

    /// <summary>Its dims before; empty where it is freshly initialised.</summary>
    public required ImmutableArray<long> SourceDims { get; init; }

    /// <summary>Its dims after.</summary>
    public required ImmutableArray<long> TargetDims { get; init; }

    /// <summary>The class of exactness.</summary>
    public required Exactness Exactness { get; init; }

    /// <summary>One entry an axis; none where it is freshly initialised.</summary>
    public ImmutableArray<AxisGrowth> Axes { get; init; } = [];

    /// <summary>What every entry is multiplied by; null where it is freshly initialised.</summary>
    public double? Coefficient { get; init; }

    /// <summary>What the entries hold, in words.</summary>
    public required string Values { get; init; }

    /// <summary>The seed of its random numbers.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The streams of random numbers that it takes: "name/shares"; none where nothing is drawn.</summary>
    public ImmutableArray<string> Streams { get; init; } = [];

    /// <summary>The rules that it follows.</summary>
    public ImmutableArray<Rule> Rules { get; init; } = [];
}

/// <summary>How one axis grows.</summary>
/// <param name="Axis">Which.</param>
/// <param name="Source">Its extent before.</param>
/// <param name="Target">Its extent after.</param>
/// <param name="Role">What it does: "Writer", "Reader", "Gain", "Append" or "Keep"; "Activation" for an activation's.</param>
/// <param name="Words">What it then holds.</param>
/// <param name="Map">The copy map, abbreviated.</param>
public sealed record AxisGrowth(int Axis, long? Source, long? Target, string Role, string Words, string Map)
{
    /// <summary>What the axis does, in words.</summary>
    public string RoleWords => Role switch
    {
        "Writer" => "written",
        "Reader" => "read and summed over",
        "Gain" => "multiplied entry by entry",
        "Append" => "appended to",
        _ => "kept",
    };
}

/// <summary>How a value that is no weight is carried in the grown model.</summary>
/// <param name="Axes">One entry a growing axis.</param>
/// <param name="Scale">What every entry is multiplied by.</param>
public sealed record CarriedValue(ImmutableArray<AxisGrowth> Axes, double Scale);
